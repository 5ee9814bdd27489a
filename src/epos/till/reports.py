"""Reports over a range of business days, and a journal for a bookkeeper."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response

from epos.services.admission import Lane, lane
from epos.till.html import printed_page
from epos.till.parameters import TheServices
from epos.till.report_forms import as_csv, as_page, filled, rows_of
from epos.till.route import TillRoute
from epos.till_contract.reports import (
    Account,
    Journal,
    JournalLine,
    RangeQuery,
    RangeReport,
    RangeReportQuery,
    RangeRow,
    SetAccounts,
)
from epos.web.contract_route import media_types
from epos.web.requester import AdminRequester, StaffRequester

router = APIRouter(prefix="/reports", tags=["Business days"], route_class=TillRoute)


@router.get(
    "/sales",
    name="report-range",
    summary="Get sales or money over a range of business days, by day, category, item and more",
    response_model=RangeReport,
    responses=media_types("text/csv", "text/html"),
)
@lane(Lane.SEARCHES)
async def report_range(
    query: Annotated[RangeReportQuery, Query()], requester: StaffRequester, services: TheServices
) -> RangeReport | Response:
    report = await services.reports.by_range(query, requester)
    if query.format == "json":
        return report
    return await asyncio.to_thread(_report_in_form, report, query.format)


@router.get(
    "/journal",
    name="report-journal",
    summary="Get debits and credits of business days, for a bookkeeper's import",
    response_model=Journal,
    responses=media_types("text/csv", "text/html"),
)
@lane(Lane.SEARCHES)
async def report_journal(
    query: Annotated[RangeQuery, Query()], requester: StaffRequester, services: TheServices
) -> Journal | Response:
    journal = await services.reports.journal(query, requester)
    if query.format == "json":
        return journal
    return await asyncio.to_thread(_journal_in_form, journal, query.format)


@router.get(
    "/accounts",
    name="list-accounts",
    summary="Get the bookkeeper's codes of the journal's accounts",
)
async def list_accounts(requester: StaffRequester, services: TheServices) -> list[Account]:
    return await services.reports.accounts(requester)


@router.put(
    "/accounts", name="set-accounts", summary="Set the bookkeeper's codes of the journal's accounts"
)
async def set_accounts(
    request: SetAccounts, requester: AdminRequester, services: TheServices
) -> list[Account]:
    return await services.reports.set_accounts(request, requester)


def _report_in_form(report: RangeReport, form: str) -> Response:
    rows = rows_of([*report.rows, report.sum])
    columns = filled(rows, list(RangeRow.model_fields))
    if form == "csv":
        return Response(as_csv(rows[:-1], columns), media_type="text/csv")
    title = f"{report.venue}: {report.by}, {report.fromDay} to {report.toDay}"
    return printed_page(as_page(title, rows, columns, report.currency))


def _journal_in_form(journal: Journal, form: str) -> Response:
    rows, columns = rows_of(journal.lines), list(JournalLine.model_fields)
    if form == "csv":
        return Response(as_csv(rows, columns), media_type="text/csv")
    title = f"Journal, {journal.fromDay} to {journal.toDay}"
    return printed_page(as_page(title, rows, columns, journal.currency))
