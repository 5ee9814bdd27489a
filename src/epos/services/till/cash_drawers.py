"""Cash drawers: the float, and what goes in and out beside payments."""

import re
from datetime import date
from typing import Any

from epos.domain.cash import MAIN_DRAWER, CashMove, Drawer, all_drawers
from epos.domain.errors import Conflict, Forbidden, InvalidRequest, NotFound
from epos.domain.requester import Requester
from epos.services.till.staff import Approvals
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.cash import CashMovement, CorrectFloat, DayCash, DrawerCash, MoveCash

# Not the calendar's ends, which the driver takes for infinities.
_DATE = re.compile(r"[1-8]\d{3}-\d\d-\d\d", re.ASCII)


class CashDrawers:
    def __init__(self, database: Database, approvals: Approvals) -> None:
        self._database = database
        self._approvals = approvals

    async def correct_float(
        self, day_text: str, request: CorrectFloat, requester: Requester
    ) -> DayCash:
        """Set the float of a drawer. Raises Conflict for a closed day, NotFound for one in the future."""
        day = date_of(day_text)
        manager = await self._approvals.check(requester, request.approval)

        async def work(store: VenueStore) -> DayCash:
            now = await _open_day(store, day)
            drawer = await _drawer(store, request.drawer, requester)
            was = {one.name: one for one in await _drawers(store, day)}.get(drawer)
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
        NotFound for one in the future.
        """
        day, manager = date_of(day_text), await self._approvals.given(requester, request.approval)
        kind = CashMove(request.type)

        async def work(store: VenueStore) -> DayCash:
            now = await _open_day(store, day)
            rules = await store.cash.rules()
            if rules["cash_needs_approval"] and kind is not CashMove.PAID_IN and manager is None:
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
    if named is not None:
        return named
    rules = await store.cash.rules()
    return (rules["has_drawer_per_device"] and requester.device_id) or MAIN_DRAWER


async def _drawers(
    store: VenueStore, day: date, movements: list[Record] | None = None
) -> list[Drawer]:
    """The main drawer if it was used or no other was, and all others, by name."""
    found = {MAIN_DRAWER: Drawer(MAIN_DRAWER)}
    known = await store.days.get(day)
    found[MAIN_DRAWER].opening_float = 0 if known is None else known["opening_float"] or 0
    for row in await store.cash.takings(day):
        drawer = found.setdefault(row["drawer"], Drawer(row["drawer"]))
        drawer.taken, drawer.given_back = row["taken"], row["given_back"]
    for row in await store.cash.movements(day) if movements is None else movements:
        drawer = found.setdefault(row["drawer"], Drawer(row["drawer"]))
        drawer.move(CashMove(row["type"]), row["amount"])
    unused = found[MAIN_DRAWER] == Drawer(MAIN_DRAWER) and len(found) > 1
    return [found[name] for name in sorted(found) if not (unused and name == MAIN_DRAWER)]


async def day_cash(
    store: VenueStore,
    day: date,
    counted: int | None = None,
    counted_drawers: dict[str, int] | None = None,
) -> DayCash:
    """The cash of the day as it should be, and as it was counted if it was."""
    movements = await store.cash.movements(day)
    drawers = await _drawers(store, day, movements)
    by_drawer = counted_drawers or {}
    if counted is None and by_drawer:
        counted = sum(by_drawer.values())
    if counted is not None and not by_drawer and len(drawers) == 1:
        by_drawer = {drawers[0].name: counted}
    known = {drawer.name for drawer in drawers}
    drawers += [Drawer(name) for name in sorted(by_drawer) if name not in known]
    whole = all_drawers(drawers)
    return DayCash.model_construct(
        **_figures(whole, counted),
        openingFloat=whole.opening_float,
        taken=whole.taken,
        givenBack=whole.given_back,
        drawers=[
            DrawerCash.model_construct(
                drawer=drawer.name, **_figures(drawer, by_drawer.get(drawer.name))
            )
            for drawer in drawers
        ],
        movements=[_movement(row) for row in movements],
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
