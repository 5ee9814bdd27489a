"""What Dojo tells us about payments."""

from fastapi import APIRouter

from epos.contract.events import Event
from epos.rest.parameters import TheServices
from epos.services.admission import Lane, lane
from epos.web.contract_route import ContractRoute
from epos.web.requester import DojoRequester

router = APIRouter(prefix="/v1/events", tags=["Events"], route_class=ContractRoute)


@router.post("", name="HandleEvent", operation_id="v1-post-events", summary="Handle an event")
@lane(Lane.PAYMENTS)
async def handle_event(event: Event, requester: DojoRequester, services: TheServices) -> None:
    await services.events.handle(event, requester)
