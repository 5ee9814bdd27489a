"""Business days: opened, closed, and reported."""

import re
from datetime import date

import structlog

from epos.contract.codec import to_wire
from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.requester import Requester
from epos.services.till.approvals import Approvals
from epos.services.till.day_reports import Closing, report
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.days import BusinessDay, CloseDay, DayReport, OpenDay

# Not the calendar's ends, which the driver takes for infinities.
_DATE = re.compile(r"[1-8]\d{3}-\d\d-\d\d", re.ASCII)
_log = structlog.get_logger("epos.days")


class Days:
    def __init__(self, database: Database, approvals: Approvals) -> None:
        self._database = database
        self._approvals = approvals

    async def list(self, requester: Requester) -> list[BusinessDay]:
        """The current day and those of two months before that hold anything, newest first."""
        async with self._database.snapshot(requester.venue_id) as store:
            today = (await store.days.current())["today"]
            return [_business_day(row, today) for row in await store.days.recent(today)]

    async def open(self, request: OpenDay, requester: Requester) -> BusinessDay:
        """The current day, opened; again with the same float is no error. Raises Conflict for another."""

        async def work(store: VenueStore) -> BusinessDay:
            now = await store.days.share()
            day, waiter_id = now["today"], requester.waiter_id
            if await store.days.open(day, now["at"], waiter_id, request.openingFloat):
                details = {"float": request.openingFloat}
                await store.audit.add(requester, now["at"], "day.opened", str(day), **details)
            opened = await store.days.get(day)
            assert opened is not None, "opened by now"  # noqa: S101
            if opened["opening_float"] != request.openingFloat:
                raise Conflict(
                    f"The day {day} was opened with a float of {opened['opening_float']}"
                )
            return _business_day(opened, day)

        return await self._database.write(requester.venue_id, work)

    async def close(self, day_text: str, request: CloseDay, requester: Requester) -> DayReport:
        """The report, which never changes from here on; that of a closed day is answered again.

        Raises Conflict for a day that has not begun, or while an earlier one is open.
        """
        day = _date(day_text)
        manager = await self._approvals.check(requester, request.approval)

        async def work(store: VenueStore) -> DayReport:
            await store.days.take()
            known = await store.days.get(day)
            if known is not None and known["report"] is not None:
                return _frozen(known)
            now = await store.days.current()
            await _refuse_out_of_turn(store, day, now["begun"])
            closing = Closing(now["at"], manager, request.countedCash)
            closed = await report(store, day, _float(known), closing)
            await _keep(store, closed, closing, requester)
            return closed

        closed = await self._database.write(requester.venue_id, work)
        if closed.reconciliation.difference or closed.reconciliation.ledgerDifference:
            _log.error("the books of a day do not agree", venue=requester.venue_id, day=day_text)
        return closed

    async def report(self, day_text: str, requester: Requester) -> DayReport:
        """Of a closed day as it was when it closed; of an open one as it is now. Raises NotFound for one
        that is still to come.
        """
        day = _date(day_text)
        async with self._database.snapshot(requester.venue_id) as store:
            known = await store.days.get(day)
            if known is not None and known["report"] is not None:
                return _frozen(known)
            if day > (await store.days.current())["today"]:
                raise NotFound("The business day")
            return await report(store, day, _float(known))


def _date(text: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:  # 30 February
        pass
    raise InvalidRequest("day", "must be a date such as 2026-11-25")


async def _refuse_out_of_turn(store: VenueStore, day: date, begun: date) -> None:
    if day > begun:
        raise Conflict(f"The business day {day} has not begun; it is {begun}")
    earlier = await store.days.unclosed_before(day)
    if earlier is not None:
        raise Conflict(f"The business day {earlier} is open; close it first")


async def _keep(
    store: VenueStore, closed: DayReport, closing: Closing, requester: Requester
) -> None:
    books = closed.reconciliation
    await store.days.close(
        closed.day,
        closing.at,
        by=closing.by,
        counted_cash=closing.counted_cash,
        report=to_wire(closed).decode(),
        owed_at_end=books.owedAtEnd,
    )
    await store.audit.add(
        requester,
        closing.at,
        "day.closed",
        str(closed.day),
        approved_by=closing.by,
        sales=books.sales,
        takings=books.takings,
        owed=books.owedAtEnd,
        counted=closing.counted_cash,
    )


def _frozen(row: Record) -> DayReport:
    return DayReport.model_validate_json(row["report"])


def _float(row: Record | None) -> int:
    return 0 if row is None else row["opening_float"] or 0


def _business_day(row: Record, today: date) -> BusinessDay:
    return BusinessDay.model_construct(
        day=row["day"],
        isCurrent=row["day"] == today,
        isClosed=row["closed_at"] is not None,
        openedAt=row["opened_at"],
        openedBy=row["opened_by"],
        openingFloat=_float(row),
        closedAt=row["closed_at"],
        closedBy=row["closed_by"],
        countedCash=row["counted_cash"],
    )
