"""Cash drawers: floats, and what goes in and out beside payments."""

from fastapi import APIRouter

from epos.till.parameters import Day, Drawer, TheServices
from epos.till.route import TillRoute
from epos.till_contract.cash import (
    CloseDrawer,
    CorrectFloat,
    DayCash,
    DrawerReport,
    MoveCash,
    OpenDrawer,
)
from epos.web.contract_route import refusals
from epos.web.requester import StaffRequester, TillRequester

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


@router.post(
    "/drawers/{drawer}/open",
    name="open-drawer",
    summary="Open a drawer, with the cash that is in it",
)
async def open_drawer(
    day: Day,
    drawer: Drawer,
    request: OpenDrawer,
    requester: TillRequester,
    services: TheServices,
) -> DrawerReport:
    return await services.cash_drawers.open(day, drawer, request, requester)


@router.post(
    "/drawers/{drawer}/close",
    name="close-drawer",
    summary="Close a drawer for now, and get its Z; a closed one answers the same again",
)
async def close_drawer(
    day: Day,
    drawer: Drawer,
    request: CloseDrawer,
    requester: TillRequester,
    services: TheServices,
) -> DrawerReport:
    return await services.cash_drawers.close(day, drawer, request, requester)


@router.get(
    "/drawers/{drawer}/x-report",
    name="x-report-drawer",
    summary="Get what happened in a drawer since its last Z, without closing it",
)
async def x_report_drawer(
    day: Day, drawer: Drawer, requester: StaffRequester, services: TheServices
) -> DrawerReport:
    return await services.cash_drawers.x_report(day, drawer, requester)
