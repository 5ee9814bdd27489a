"""Business days: opened, closed, and their reports."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response

from epos.services.admission import Lane, lane
from epos.till import day_csv, day_page
from epos.till.html import printed_page
from epos.till.parameters import Day, TheServices
from epos.till.route import TillRoute
from epos.till_contract.days import BusinessDay, CloseDay, DayReport, OpenDay, ReportQuery
from epos.web.contract_route import media_types, refusals
from epos.web.requester import StaffRequester, TillRequester

router = APIRouter(prefix="/days", tags=["Business days"], route_class=TillRoute)


@router.get(
    "",
    name="list-days",
    summary="List the current business day and those of two months before, newest first",
)
@lane(Lane.SEARCHES)
async def list_days(requester: StaffRequester, services: TheServices) -> list[BusinessDay]:
    return await services.days.list(requester)


@router.post(
    "/open",
    name="open-day",
    summary="Open the current business day, with the cash that is in the drawer",
    responses=refusals(409),
)
async def open_day(
    request: OpenDay, requester: TillRequester, services: TheServices
) -> BusinessDay:
    return await services.days.open(request, requester)


@router.post(
    "/{day}/close",
    name="close-day",
    summary="Close a business day for good; a closed one answers the same report",
    responses=refusals(409, 429),
)
async def close_day(
    day: Day, request: CloseDay, requester: TillRequester, services: TheServices
) -> DayReport:
    return await services.days.close(day, request, requester)


@router.get(
    "/{day}/report",
    name="report-day",
    summary="Get the report of a business day: final if it is closed, as it stands if it is not",
    response_model=DayReport,
    responses=media_types("text/csv", "text/html"),
)
@lane(Lane.SEARCHES)
async def report_day(
    day: Day,
    query: Annotated[ReportQuery, Query()],
    requester: StaffRequester,
    services: TheServices,
) -> DayReport | Response:
    return await _in_form(await services.days.report(day, requester), query)


@router.get(
    "/{day}/x-report",
    name="x-report-day",
    summary="Get the report of a business day until now, without closing it",
    response_model=DayReport,
    responses=media_types("text/csv", "text/html"),
)
@lane(Lane.SEARCHES)
async def x_report_day(
    day: Day,
    query: Annotated[ReportQuery, Query()],
    requester: StaffRequester,
    services: TheServices,
) -> DayReport | Response:
    return await _in_form(await services.days.report(day, requester), query)


async def _in_form(report: DayReport, query: ReportQuery) -> DayReport | Response:
    match query.format:
        case "csv":
            text = await asyncio.to_thread(day_csv.render, report)
            return Response(text, media_type="text/csv")
        case "page":
            return printed_page(await asyncio.to_thread(day_page.render, report))
    return report
