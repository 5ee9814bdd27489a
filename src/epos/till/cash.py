"""Cash drawers: floats, and what goes in and out beside payments."""

from fastapi import APIRouter

from epos.till.parameters import Day, TheServices
from epos.till.route import TillRoute
from epos.till_contract.cash import CorrectFloat, DayCash, MoveCash
from epos.web.contract_route import refusals
from epos.web.requester import TillRequester

router = APIRouter(
    prefix="/days/{day}",
    tags=["Business days"],
    route_class=TillRoute,
    responses=refusals(409, 429),
)


@router.put(
    "/float",
    name="correct-float",
    summary="Correct the cash that was in a drawer at the start of the day",
)
async def correct_float(
    day: Day, request: CorrectFloat, requester: TillRequester, services: TheServices
) -> DayCash:
    return await services.cash_drawers.correct_float(day, request, requester)


@router.post(
    "/cash",
    name="move-cash",
    summary="Note cash that goes in or out of a drawer beside payments, or a drawer that is opened",
)
async def move_cash(
    day: Day, request: MoveCash, requester: TillRequester, services: TheServices
) -> DayCash:
    return await services.cash_drawers.move(day, request, requester)
