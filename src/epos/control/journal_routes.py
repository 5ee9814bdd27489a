"""The journal of a venue: read, waited for, verified."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from epos.control.exchange import Exchange, Wanted
from epos.control.journal import Journal
from epos.control.models import (
    Difference,
    EntryAnswer,
    JournalAnswer,
    JournalQuery,
    NearMiss,
    VerifyAnswer,
    VerifyForm,
    WaitAnswer,
    WaitForm,
    WantedForm,
)
from epos.control.page import HEADERS, PAGE, SCRIPT
from epos.control.parameters import TheServices, VenueId
from epos.domain.errors import InvalidRequest
from epos.web.contract_route import ContractRoute, media_types, refusals

router = APIRouter(prefix="/venues/{venueId}/journal", tags=["Journal"], route_class=ContractRoute)
scripts = APIRouter(route_class=ContractRoute)
_WAIT_SECONDS = 5.0


@router.get(
    "",
    name="read-journal",
    summary="Read the journal, oldest first",
    responses=refusals(400, 401, 404),
)
async def read(
    venueId: VenueId, query: Annotated[JournalQuery, Query()], services: TheServices
) -> JournalAnswer:
    watch = await services.watches.require(venueId)
    after, limit = _number("after", query.after, 0), _number("limit", query.limit, 1000)
    status = None if query.status is None else _number("status", query.status, 0)
    named = query.model_dump(exclude={"after", "limit", "status"}, exclude_none=True)
    found = watch.journal.find(Wanted(**named, status=status), after=after)
    return JournalAnswer(entries=[entry_answer(entry) for entry in found[:limit]])


@router.post(
    "/wait",
    name="wait-for-journal",
    summary="Wait until there are such entries",
    responses=refusals(400, 401, 404),
)
async def wait(venueId: VenueId, form: WaitForm, services: TheServices) -> WaitAnswer:
    """Answers as soon as there are so many, or after so many seconds without them."""
    watch = await services.watches.require(venueId)
    wanted, times = wanted_of(form), 1 if form.times is None else form.times
    seconds = _WAIT_SECONDS if form.seconds is None else form.seconds
    found = await watch.journal.wait(wanted, lambda count: count >= times, seconds)
    arrived = len(found) >= times
    return WaitAnswer(
        arrived=arrived,
        entries=[entry_answer(entry) for entry in found],
        nearest=[] if arrived else nearest(watch.journal, wanted),
    )


@router.post(
    "/verify",
    name="verify-journal",
    summary="Verify that there are exactly so many such entries",
    responses=refusals(400, 401, 404),
)
async def verify(venueId: VenueId, form: VerifyForm, services: TheServices) -> VerifyAnswer:
    watch = await services.watches.require(venueId)
    wanted, times = wanted_of(form), 1 if form.times is None else form.times
    found = watch.journal.find(wanted)
    verified = len(found) == times
    return VerifyAnswer(
        verified=verified,
        found=len(found),
        entries=[entry_answer(entry) for entry in found],
        nearest=[] if verified else nearest(watch.journal, wanted),
    )


@router.get(
    "/page",
    name="show-journal",
    summary="Show the journal as a page that follows it",
    responses=media_types("text/html") | refusals(401, 404),
    response_model=None,
)
async def page(venueId: VenueId, services: TheServices) -> Response:
    await services.watches.require(venueId)
    return Response(PAGE, media_type="text/html", headers=HEADERS)


@scripts.get("/journal.js", name="journal-script", include_in_schema=False, response_model=None)
async def script() -> Response:
    return Response(SCRIPT, media_type="text/javascript", headers=HEADERS)


def wanted_of(form: WantedForm) -> Wanted:
    """The part of a form that says what an entry shall be like."""
    named = form.model_dump(include=set(WantedForm.model_fields), exclude_none=True)
    return Wanted(**named)


def nearest(journal: Journal, wanted: Wanted) -> list[NearMiss]:
    return [
        NearMiss(
            entry=entry_answer(entry),
            differs=[
                Difference(field=name, expected=expected, was=was)
                for name, expected, was in differs
            ],
        )
        for entry, differs in journal.nearest(wanted)
    ]


def entry_answer(entry: Exchange) -> EntryAnswer:
    call = entry.call
    return EntryAnswer(
        number=entry.number,
        at=entry.at,
        transport=call.transport.value,
        capability=call.capability,
        method=call.method,
        path=call.path,
        ids=dict(call.ids),
        orderId=entry.order_id,
        waiterId=call.waiter_id,
        product=call.product,
        deviceId=call.device_id,
        body=entry.request_json,
        status=entry.status,
        answer=entry.answer_json,
        traceId=entry.trace_id,
        milliseconds=round(entry.milliseconds, 2),
        faultId=entry.fault_id,
        note=entry.note,
    )


def _number(name: str, text: str | None, default: int) -> int:
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InvalidRequest(f"query {name}", "must be a whole number")
    return int(text)
