"""Business days: opened, closed, and their reports."""

from collections.abc import Iterator

from epos.domain.errors import InvalidRequest
from epos.services.api import Call
from epos.services.till.api import TillServices
from epos.till import day_csv, day_page
from epos.till.operation import TILL_AND_ADMIN, TillOperation
from epos.till_contract.days import BusinessDay, CloseDay, DayReport, OpenDay
from epos.web.replies import Document

_TAG = "Business days"
_DOCUMENTS = {
    "csv": ("text/csv; charset=utf-8", day_csv.written),
    "page": ("text/html; charset=utf-8", day_page.written),
}


def operations(services: TillServices) -> Iterator[TillOperation]:
    yield TillOperation(
        name="list-days",
        http_method="GET",
        path="/till/v1/days",
        summary="The current business day and those of two months before, newest first",
        tag=_TAG,
        handler=lambda call: services.days.list(call.requester),
        roles=TILL_AND_ADMIN,
        response=list[BusinessDay],
    )
    yield TillOperation(
        name="open-day",
        http_method="POST",
        path="/till/v1/days/open",
        summary="Open the current business day, with the cash that is in the drawer",
        tag=_TAG,
        handler=lambda call: services.days.open(call.body, call.requester),
        request=OpenDay,
        response=BusinessDay,
    )
    yield TillOperation(
        name="close-day",
        http_method="POST",
        path="/till/v1/days/{day}/close",
        summary="Close a business day for good; a closed one answers the same report",
        tag=_TAG,
        handler=lambda call: services.days.close(call.ids["day"], call.body, call.requester),
        request=CloseDay,
        response=DayReport,
    )
    yield TillOperation(
        name="report-day",
        http_method="GET",
        path="/till/v1/days/{day}/report",
        summary="The report of a business day: final if it is closed, as it stands if it is not",
        tag=_TAG,
        handler=lambda call: _report(services, call),
        roles=TILL_AND_ADMIN,
        response=DayReport,
        query={"format": "`json` (if it is not sent), `csv`, or `page`, to be printed."},
        media_types=("text/csv", "text/html"),
    )


async def _report(services: TillServices, call: Call) -> DayReport | Document:
    wanted = call.query.get("format", "json")
    if wanted not in ("json", *_DOCUMENTS):
        raise InvalidRequest("query format", "must be json, csv or page")
    report = await services.days.report(call.ids["day"], call.requester)
    if wanted == "json":
        return report
    media_type, write = _DOCUMENTS[wanted]
    return Document(media_type, write(report).encode())
