"""Dojo's API: the EPOS says what has changed."""

from typing import Any

from fastapi import APIRouter

from epos.simulator.forms import EventForm
from epos.simulator.problems import Problem
from epos.simulator.routes.dojo_route import REFUSALS, DojoRoute, TheCall

Json = dict[str, Any]
router = APIRouter(
    prefix="/epos/events", tags=["Dojo's API: events"], route_class=DojoRoute, responses=REFUSALS
)
_IDS = {
    "OrderUpdated": "orderId",
    "PartyUpdated": "partyId",
    "ReservationUpdated": "reservationId",
}


@router.post("")
async def receive_event(form: EventForm, call: TheCall) -> Json:
    """Receive an event, and echo it. It names an entity of the EPOS: Dojo fetches the rest."""
    name = _IDS.get(form.eventType)
    entity = form.event.get(name) if name else None
    if name is None or not isinstance(entity, str) or not entity:
        raise Problem(400, f"event must have {name or 'an id'} for {form.eventType}")
    unknown = [*(form.model_extra or {}), *(form.event.keys() - {name})]
    call.violations += [f"{one}: is not a property of this event" for one in unknown]
    call.account.hear(form.eventType, entity)
    echo: Json = call.body
    return echo
