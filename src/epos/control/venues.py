"""Venues for tests, their snapshots and their clocks."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from pydantic_core import to_json

from epos.control.models import (
    ClockAnswer,
    ClockForm,
    CredentialsAnswer,
    DojoForm,
    Done,
    LoginAnswer,
    SnapshotAnswer,
    SnapshotForm,
    VenueAnswer,
    VenueForm,
)
from epos.control.parameters import TheServices, VenueId
from epos.domain.dojo import DojoLink, Transport
from epos.domain.errors import InvalidRequest
from epos.services.world_templates import Plan
from epos.services.worlds import Clock, Made
from epos.till_contract.layout import BrokenLayout, Layout, read_layout
from epos.web.contract_route import ContractRoute, refusals

router = APIRouter(prefix="/venues", tags=["Venues"], route_class=ContractRoute)


@router.post("", name="make-venue", summary="Make a venue", responses=refusals(400, 401, 409))
async def make_venue(form: VenueForm, services: TheServices) -> VenueAnswer:
    kind = form.kind or ("demo" if form.layout is None else "empty")
    if form.layout is not None and kind == "demo":
        raise InvalidRequest("layout", "is the set-up of an empty venue; the demo has its own")
    layout = None if form.layout is None else _layout(form.layout)
    made = await services.worlds.make(Plan(kind, layout, form.seed, form.settings))
    return _venue(made)


@router.delete(
    "/{venueId}", name="remove-venue", summary="Remove a venue", responses=refusals(401, 404)
)
async def remove_venue(venueId: VenueId, services: TheServices) -> Done:
    await services.worlds.remove(venueId)
    services.watches.forget(venueId)
    return Done()


@router.post(
    "/{venueId}/snapshots",
    name="make-snapshot",
    summary="Keep what the venue has now",
    responses=refusals(401, 404, 409),
)
async def make_snapshot(venueId: VenueId, services: TheServices) -> SnapshotAnswer:
    return SnapshotAnswer(snapshotId=await services.worlds.snapshot(venueId))


@router.post(
    "/{venueId}/restore",
    name="restore-snapshot",
    summary="Put the venue back to a snapshot",
    responses=refusals(400, 401, 404),
)
async def restore(venueId: VenueId, form: SnapshotForm, services: TheServices) -> Done:
    await services.worlds.restore(venueId, form.snapshotId)
    return Done()


@router.post(
    "/{venueId}/reset",
    name="reset-venue",
    summary="Put the venue back to what it was when it was made",
    responses=refusals(401, 404),
)
async def reset(venueId: VenueId, services: TheServices) -> Done:
    """Its faults are disarmed; its journal stays."""
    await services.worlds.reset(venueId)
    (await services.watches.require(venueId)).faults.clear()
    return Done()


@router.get(
    "/{venueId}/clock",
    name="get-clock",
    summary="Get the venue's time",
    responses=refusals(401, 404),
)
async def get_clock(venueId: VenueId, services: TheServices) -> ClockAnswer:
    return _clock(await services.worlds.clock(venueId))


@router.put(
    "/{venueId}/clock",
    name="set-clock",
    summary="Freeze, advance or let run the venue's time, and do what falls due",
    responses=refusals(400, 401, 404),
)
async def set_clock(venueId: VenueId, form: ClockForm, services: TheServices) -> ClockAnswer:
    clock = await services.worlds.set_clock(
        venueId,
        freeze_at=form.freezeAt,
        advance=timedelta(seconds=form.advanceSeconds or 0),
        unfreeze=form.unfreeze or False,
    )
    return _clock(clock)


@router.put(
    "/{venueId}/dojo",
    name="connect-venue",
    summary="Connect the venue to a Dojo",
    responses=refusals(400, 401, 404),
)
async def connect(venueId: VenueId, form: DojoForm, services: TheServices) -> Done:
    """The server connects within seconds. Meanwhile and later it does what it does for any venue."""
    await services.worlds.require(venueId)
    await services.links.put(_link(venueId, form), form.apiKey)
    return Done()


@router.delete(
    "/{venueId}/dojo",
    name="disconnect-venue",
    summary="Disconnect the venue from its Dojo",
    responses=refusals(401, 404),
)
async def disconnect(venueId: VenueId, services: TheServices) -> Done:
    await services.worlds.require(venueId)
    await services.links.remove(venueId)
    return Done()


def _link(venue_id: str, form: DojoForm) -> DojoLink:
    """Raises InvalidRequest for what is no URL, or is missing."""
    if not form.apiUrl.startswith(("http://", "https://")):
        raise InvalidRequest("apiUrl", "must start with https:// or http://")
    if form.transport == "rest" and form.publicUrl is None:
        raise InvalidRequest("publicUrl", "is required for the transport rest")
    api_url = form.apiUrl.rstrip("/")
    return DojoLink(
        venue_id=venue_id,
        transport=Transport(form.transport),
        software_house_id=form.softwareHouseId,
        api_url=api_url,
        ws_url=form.wsUrl or f"ws{api_url.removeprefix('http')}/epos",
        reseller_id=form.resellerId,
        public_url=form.publicUrl,
        verifies_payments=form.verifiesPayments,
    )


def _layout(document: dict[str, Any]) -> Layout:
    try:
        return read_layout(to_json(document))
    except BrokenLayout as broken:
        raise InvalidRequest("layout", f"is broken: {'; '.join(broken.faults[:5])}") from None


def _venue(made: Made) -> VenueAnswer:
    logins = {
        role.value: LoginAnswer(username=name, password=password)
        for role, (name, password) in made.credentials.items()
    }
    return VenueAnswer(venueId=made.venue_id, credentials=CredentialsAnswer(**logins))


def _clock(clock: Clock) -> ClockAnswer:
    return ClockAnswer(now=clock.now, frozen=clock.is_frozen)
