"""Cash drawers: the float, and what goes in and out beside payments."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from epos.domain.cash import MAIN_DRAWER, CashMove, Drawer, DrawerZ, all_drawers, since
from epos.domain.errors import Conflict, Forbidden, InvalidRequest, NotFound
from epos.domain.requester import Requester
from epos.services.till.staff import Approvals
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.cash import (
    CashMovement,
    CloseDrawer,
    CorrectFloat,
    DayCash,
    DrawerCash,
    DrawerFigures,
    DrawerReport,
    MoveCash,
    OpenDrawer,
)

# Not the calendar's ends, which the driver takes for infinities.
_DATE = re.compile(r"[1-8]\d{3}-\d\d-\d\d", re.ASCII)


class CashDrawers:
    def __init__(self, database: Database, approvals: Approvals) -> None:
        self._database = database
        self._approvals = approvals

    async def correct_float(
        self, day_text: str, request: CorrectFloat, requester: Requester
    ) -> DayCash:
        """Set the float of a drawer. Raises Conflict for a closed day and a drawer that was closed on the
        day, NotFound for a day in the future, InvalidRequest for a drawer that nobody has.
        """
        day = date_of(day_text)
        manager = await self._approvals.check(requester, request.approval)

        async def work(store: VenueStore) -> DayCash:
            now = await _open_day(store, day)
            drawer = await _drawer(store, request.drawer, requester)
            book = await _book(store, day)
            book.refuse_another_float(drawer)
            was = book.drawers.get(drawer)
            if drawer == MAIN_DRAWER:
                by = requester.waiter_id
                await store.days.correct_float(day, now["at"], by, request.amount)
            details = {"type": CashMove.FLOAT, "drawer": drawer, "amount": request.amount}
            await store.cash.add(
                requester, day, now["at"], reason=request.reason, approved_by=manager, **details
            )
            await store.audit.add(
                requester,
                now["at"],
                "day.float_corrected",
                str(day),
                drawer=drawer,
                float=request.amount,
                was=0 if was is None else was.opening_float,
                approved_by=manager,
            )
            return await day_cash(store, day)

        return await self._database.write(requester.venue_id, work)

    async def move(self, day_text: str, request: MoveCash, requester: Requester) -> DayCash:
        """Note cash that goes in or out, or a drawer that is opened.

        Raises Forbidden without a manager's approval where the venue wants one, Conflict for a closed day,
        NotFound for one in the future, InvalidRequest for a drawer that nobody has.
        """
        day, manager = date_of(day_text), await self._approvals.given(requester, request.approval)
        kind = CashMove(request.type)

        async def work(store: VenueStore) -> DayCash:
            now = await _open_day(store, day)
            rules = await store.cash.rules()
            if rules["cash_needs_approval"] and manager is None:
                raise Forbidden(f"Cash {kind}: a manager must approve")
            drawer = await _drawer(store, request.drawer, requester)
            details: dict[str, Any] = {"type": kind, "drawer": drawer, "amount": request.amount}
            await store.cash.add(
                requester, day, now["at"], reason=request.reason, approved_by=manager, **details
            )
            await store.audit.add(
                requester, now["at"], "cash.moved", str(day), approved_by=manager, **details
            )
            return await day_cash(store, day)

        return await self._database.write(requester.venue_id, work)

    async def open(
        self, day_text: str, drawer: str, request: OpenDrawer, requester: Requester
    ) -> DrawerReport:
        """Note the float of a drawer; again is no error. Raises Conflict for another float, for a drawer
        that was closed on the day and for a closed day, NotFound for a day in the future,
        InvalidRequest for a drawer that nobody has.
        """
        day = date_of(day_text)

        async def work(store: VenueStore) -> DrawerReport:
            await store.days.lock_for_close()  # of two who open it, one is second
            now = await _open_day(store, day)
            await _refuse_unknown(store, drawer, requester, "drawer")
            book = await _book(store, day)
            book.refuse_another_float(drawer)
            was = await _opened_with(store, day, book, drawer)
            if was is None:
                await _open(store, day, now["at"], drawer, request.openingFloat, requester)
            elif was != request.openingFloat:
                raise Conflict(f"The drawer {drawer} was opened with a float of {was}")
            return await _drawer_report(store, day, await _book(store, day), drawer)

        return await self._database.write(requester.venue_id, work)

    async def close(
        self, day_text: str, drawer: str, request: CloseDrawer, requester: Requester
    ) -> DrawerReport:
        """The Z of the drawer. If nothing happened in it since its last one, that is answered again.

        Raises Forbidden without a manager's approval where the venue wants one, NotFound for a drawer that
        was not used on the day, Conflict for another count of a closed drawer and for a closed day.
        """
        day, manager = date_of(day_text), await self._approvals.given(requester, request.approval)

        async def work(store: VenueStore) -> DrawerReport:
            await store.days.lock_for_close()
            now = await _open_day(store, day)
            if manager is None and (await store.cash.rules())["cash_needs_approval"]:
                raise Forbidden("To close a drawer: a manager must approve")
            book = await _book(store, day)
            if drawer not in book.drawers:
                raise NotFound("The drawer")
            if not book.has_news(drawer):
                last = book.zs[drawer][-1]
                if request.countedCash not in (None, last["counted"]):
                    raise Conflict(f"The drawer {drawer} is closed, with {last['counted']} counted")
                return await _drawer_report(store, day, book, drawer, last["number"])
            by = manager or requester.waiter_id
            at, counted = now["at"], request.countedCash
            number = await _add_z(store, book, day, at, drawer, by, counted)
            await store.audit.add(
                requester,
                at,
                "drawer.closed",
                str(day),
                drawer=drawer,
                z=number,
                counted=counted,
                approved_by=manager,
            )
            return await _drawer_report(store, day, await _book(store, day), drawer, number)

        return await self._database.write(requester.venue_id, work)

    async def x_report(self, day_text: str, drawer: str, requester: Requester) -> DrawerReport:
        """What happened in the drawer since its last Z. Raises NotFound for one that was not used."""
        day = date_of(day_text)
        async with self._database.snapshot(requester.venue_id) as store:
            book = await _book(store, day)
            is_ahead = day > (await store.days.current())["today"]
            if drawer not in book.drawers or is_ahead:
                raise NotFound("The drawer")
            return await _drawer_report(store, day, book, drawer)


async def _opened_with(store: VenueStore, day: date, book: "_Book", drawer: str) -> int | None:
    known = await store.days.get(day)
    if drawer == MAIN_DRAWER and known is not None:
        main: int | None = known["opening_float"]
        return main
    return book.opening_float(drawer)


async def _open(
    store: VenueStore, day: date, at: datetime, drawer: str, amount: int, requester: Requester
) -> None:
    if drawer == MAIN_DRAWER:
        await store.days.correct_float(day, at, requester.waiter_id, amount)
    else:
        await store.cash.add(
            requester,
            day,
            at,
            type=CashMove.FLOAT,
            drawer=drawer,
            amount=amount,
            reason="Opened",
            approved_by=None,
        )
    await store.audit.add(requester, at, "drawer.opened", str(day), drawer=drawer, float=amount)


def date_of(text: str) -> date:
    """The day that a path names. Raises InvalidRequest."""
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:  # 30 February
        pass
    raise InvalidRequest("day", "must be a date such as 2026-11-25")


async def _open_day(store: VenueStore, day: date) -> Record:
    """The venue's time, while the day cannot be closed. Raises as the operations say."""
    now = await store.days.share_lock()
    known = await store.days.get(day)
    if known is not None and known["closed_at"] is not None:
        raise Conflict(f"The business day {day} is closed")
    if day > now["today"]:
        raise NotFound("The business day")
    if day < now["today"] and await store.days.is_closed_after(day):
        raise Conflict(f"The business day {day} is over: a later one is closed")
    return now


async def _drawer(store: VenueStore, named: str | None, requester: Requester) -> str:
    """The named drawer, else the requester's own. Raises InvalidRequest for one that nobody has."""
    if named is not None:
        await _refuse_unknown(store, named, requester, "drawer")
        return named
    rules = await store.cash.rules()
    return (rules["has_drawer_per_device"] and requester.device_id) or MAIN_DRAWER


async def _refuse_unknown(store: VenueStore, drawer: str, requester: Requester, field: str) -> None:
    """Raises InvalidRequest for a drawer that is neither the main one nor that of a device: a misspelt name
    would be one more drawer, with cash that another one has.
    """
    if drawer == MAIN_DRAWER:
        return
    if not (await store.cash.rules())["has_drawer_per_device"]:
        raise InvalidRequest(field, f"must be {MAIN_DRAWER}: the venue has one drawer")
    if drawer != requester.device_id and not await store.cash.is_known(drawer):
        raise InvalidRequest(field, f"must be {MAIN_DRAWER} or a device that has taken cash")


@dataclass(frozen=True, slots=True)
class _Book:
    """The drawers of a day by name, in the order of their names; the closings of each; all movements."""

    drawers: dict[str, Drawer]
    zs: dict[str, list[Record]]
    movements: list[Record]

    def moved(self, drawer: str) -> list[Record]:
        """What went in and out of it beside payments on the day."""
        return [row for row in self.movements if row["drawer"] == drawer]

    def open_part(self, drawer: str) -> Drawer:
        """What happened in the drawer since its last Z, or since the day began."""
        return since(self.drawers[drawer], [_z(row) for row in self.zs[drawer]])

    def moved_since(self, drawer: str) -> list[Record]:
        """The movements of `open_part`."""
        return self.moved(drawer)[sum(row["movements"] for row in self.zs[drawer]) :]

    def has_news(self, drawer: str) -> bool:
        """Whether something happened in the drawer that is in no Z."""
        is_new = not self.zs[drawer] or bool(self.moved_since(drawer))
        return is_new or self.open_part(drawer).was_used

    def opening_float(self, drawer: str) -> int | None:
        """What the drawer was opened with; None if nobody said it."""
        floats = [row["amount"] for row in self.moved(drawer) if row["type"] == CashMove.FLOAT]
        return floats[-1] if floats else None

    def refuse_another_float(self, drawer: str) -> None:
        if self.zs[drawer]:
            raise Conflict(f"The drawer {drawer} was closed on this day; what stayed is its float")

    def refuse_another_count(self, counted: int) -> None:
        """In all drawers, where each was counted by itself since anything happened in it."""
        counts = [
            None if self.has_news(name) else self.zs[name][-1]["counted"] for name in self.drawers
        ]
        whole = sum(count or 0 for count in counts)
        if None not in counts and counted != whole:
            raise Conflict(
                f"The drawers were counted one by one, {whole} in all; count them with countedDrawers"
            )


async def refuse_float_after_z(store: VenueStore, day: date) -> None:
    """Raises Conflict if the main drawer was closed on the day: what stayed in it is its float."""
    (await _book(store, day)).refuse_another_float(MAIN_DRAWER)


async def refuse_unknown_drawers(
    store: VenueStore, counted: dict[str, int], requester: Requester
) -> None:
    """Raises InvalidRequest for a counted drawer that nobody has."""
    for index, drawer in enumerate(counted):
        await _refuse_unknown(store, drawer, requester, f"countedDrawers[{index}].drawer")


async def _book(store: VenueStore, day: date) -> _Book:
    """The main drawer is in it if anything was said of it, or if no other was used."""
    movements = await store.cash.movements(day)
    found = {}
    known = await store.days.get(day)
    if known is not None and known["opening_float"] is not None:
        found[MAIN_DRAWER] = Drawer(MAIN_DRAWER, known["opening_float"])
    for row in await store.cash.takings(day):
        drawer = found.setdefault(row["drawer"], Drawer(row["drawer"]))
        drawer.taken, drawer.given_back = row["taken"], row["given_back"]
    for row in movements:
        drawer = found.setdefault(row["drawer"], Drawer(row["drawer"]))
        drawer.move(CashMove(row["type"]), row["amount"])
    zs: dict[str, list[Record]] = defaultdict(list)
    for row in await store.cash.zs(day):
        found.setdefault(row["drawer"], Drawer(row["drawer"]))
        zs[row["drawer"]].append(row)
    names = sorted(found) or [MAIN_DRAWER]
    return _Book({name: found.get(name, Drawer(name)) for name in names}, zs, movements)


def _z(row: Record) -> DrawerZ:
    cash = Drawer(
        row["drawer"],
        row["opening_float"],
        row["taken"],
        row["given_back"],
        row["paid_in"],
        row["paid_out"],
        row["to_safe"],
    )
    return DrawerZ(row["number"], cash, row["counted"], row["movements"])


async def close_drawers(
    store: VenueStore,
    day: date,
    at: datetime,
    by: str,
    counted: dict[str, int],
    counted_in_all: int | None,
) -> None:
    """Close every drawer in which something happened since its last Z, or that was counted anew. Call
    behind `DayRepository.lock_for_close`, before the day is closed.

    Raises Conflict for a count of all where each of several is counted and closed, with another sum.
    """
    book = await _book(store, day)
    if counted_in_all is not None and not counted:
        if len(book.drawers) == 1:
            counted = dict.fromkeys(book.drawers, counted_in_all)
        else:
            book.refuse_another_count(counted_in_all)
    for name in counted:
        book.drawers.setdefault(name, Drawer(name))
    for name in sorted(book.drawers):
        zs = book.zs[name]
        is_recounted = name in counted and bool(zs) and counted[name] != zs[-1]["counted"]
        if book.has_news(name) or is_recounted:
            await _add_z(store, book, day, at, name, by, counted.get(name))


async def _add_z(
    store: VenueStore,
    book: _Book,
    day: date,
    at: datetime,
    drawer: str,
    by: str | None,
    counted: int | None,
) -> int:
    cash = book.open_part(drawer)
    return await store.cash.add_z(
        day,
        at,
        drawer,
        closed_by=by,
        opening_float=cash.opening_float,
        taken=cash.taken,
        given_back=cash.given_back,
        paid_in=cash.paid_in,
        paid_out=cash.paid_out,
        to_safe=cash.to_safe,
        counted=counted,
        movements=len(book.moved_since(drawer)),
    )


async def day_cash(store: VenueStore, day: date, counted: int | None = None) -> DayCash:
    """The cash of the day as it should be, and as it was counted if it was.

    `counted`: in all drawers, where they were not counted one by one.
    """
    book = await _book(store, day)
    drawers = [_drawer_cash(book, name) for name in book.drawers]
    if all(drawer.counted is not None for drawer in drawers):
        counted = sum(drawer.counted or 0 for drawer in drawers)
    whole = all_drawers(list(book.drawers.values()))
    return DayCash.model_construct(
        **_figures(whole, counted),
        openingFloat=whole.opening_float,
        taken=whole.taken,
        givenBack=whole.given_back,
        drawers=drawers,
        movements=[_movement(row) for row in book.movements],
    )


def _drawer_cash(book: _Book, name: str) -> DrawerCash:
    zs = book.zs[name]
    counted = zs[-1]["counted"] if zs and not book.has_news(name) else None
    # The float of a day is what was there before its first Z.
    drawer = book.drawers[name]
    return DrawerCash.model_construct(
        drawer=name,
        **_figures(drawer, counted),
        zs=[DrawerFigures.model_construct(**_closed(row)) for row in zs],
    )


def _closed(row: Record) -> dict[str, Any]:
    """A Z as it is answered."""
    z = _z(row)
    return {
        "zNumber": z.number,
        "closedAt": row["at"],
        "closedBy": row["closed_by_name"],
        **_with_parts(z.cash, z.counted),
    }


def _with_parts(cash: Drawer, counted: int | None) -> dict[str, Any]:
    return {**_figures(cash, counted), "taken": cash.taken, "givenBack": cash.given_back}


async def _drawer_report(
    store: VenueStore, day: date, book: _Book, drawer: str, z_number: int | None = None
) -> DrawerReport:
    """The Z with this number, or else what happened since the last one."""
    venue = await store.venue.profile()
    if z_number is None:
        figures = _with_parts(book.open_part(drawer), None)
        moved = book.moved_since(drawer)
    else:
        zs = book.zs[drawer]
        place = next(index for index, row in enumerate(zs) if row["number"] == z_number)
        figures = _closed(zs[place])
        before = sum(row["movements"] for row in zs[:place])
        moved = book.moved(drawer)[before : before + zs[place]["movements"]]
    return DrawerReport.model_construct(
        day=day,
        drawer=drawer,
        venue=venue.name,
        currency=venue.currency,
        movements=[_movement(row) for row in moved],
        **figures,
    )


def _figures(drawer: Drawer, counted: int | None) -> dict[str, Any]:
    return {
        "float": drawer.opening_float,
        "takings": drawer.takings,
        "paidIn": drawer.paid_in,
        "paidOut": drawer.paid_out,
        "toSafe": drawer.to_safe,
        "expected": drawer.expected,
        "counted": counted,
        "difference": None if counted is None else counted - drawer.expected,
    }


def _movement(row: Record) -> CashMovement:
    return CashMovement.model_construct(
        type=row["type"],
        drawer=row["drawer"],
        amount=row["amount"],
        reason=row["reason"],
        by=row["waiter"],
        approvedBy=row["manager"],
        at=row["at"],
    )
