"""The one way to change a tab: lock it, decide, save, answer, all in one transaction.

    async def work(store: VenueStore) -> models.Tab:
        locked = await lock_for_edit(store, write)
        await save(locked, Change("tab.discounted", locked.tab.with_discount(...)))
        return await answer(store, write.tab_id)

`change_tab` is this in one call. The set-up of the venue is changed by `change_set_up`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from pydantic_core import from_json

from epos.domain.errors import Conflict, NotFound, StaleVersion
from epos.domain.incidents import Incident, after_bill
from epos.domain.limits import Limits
from epos.domain.order_status import OrderOrigin, OrderStatus, is_open
from epos.domain.requester import Requester
from epos.domain.tab import Tab
from epos.domain.tab_changes import check, sent, status_by_money
from epos.domain.tab_refunds import explained, fits
from epos.domain.tab_sums import Sums, sums
from epos.services.large_work import worked_out
from epos.services.locked_orders import lock_visible, locked_by
from epos.services.till import tab_content, tab_rows
from epos.store.database import Database
from epos.store.orders import OrderRow
from epos.store.tabs import EditContext, TabRow
from epos.store.tabs import Line as LineRow
from epos.store.venue_store import VenueStore
from epos.till_contract import tabs as models

T = TypeVar("T")

# --- a tab ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Write:
    """One request to change a tab, or another order: which one, the version it saw, and who asks."""

    tab_id: str
    version: int
    requester: Requester
    approved_by: str | None = None
    """The manager who approved it, if one did."""

    @property
    def by(self) -> str | None:
        """The person who is responsible for the change."""
        return self.approved_by or self.requester.waiter_id


@dataclass(frozen=True, slots=True)
class LockedOrder:
    """An order whose row is locked in the transaction of `store`, and that may be changed."""

    store: VenueStore
    write: Write
    order: OrderRow
    context: EditContext

    @property
    def now(self) -> datetime:
        return self.context.now

    @property
    def status(self) -> OrderStatus:
        return self.order.status

    @property
    def limits(self) -> Limits:
        """Above which a value has to be confirmed."""
        return self.context.limits

    async def report(self, what: Incident) -> None:
        """List it in the day's report."""
        await self.store.incidents.add(
            self.order,
            what,
            waiter_id=self.write.requester.waiter_id,
            approved_by=self.write.approved_by,
        )

    async def audit(self, action: str, **details: Any) -> None:
        """Add an entry about this order to the audit trail."""
        await self.store.audit.add(self.write.requester, self.now, action, self.order.id, **details)


@dataclass(frozen=True, slots=True)
class LockedTab(LockedOrder):
    """A tab that is locked and open, in the version that the request saw."""

    row: TabRow
    tab: Tab


@dataclass(frozen=True, slots=True)
class Change:
    """What a request makes of a tab. `action` and `details` go to the audit trail: no guest's words."""

    action: str
    tab: Tab
    status: OrderStatus | None = None
    """The new status; None to keep it."""
    details: Mapping[str, str | int | list[str] | None] = field(default_factory=dict)
    order_columns: Mapping[str, Any] = field(default_factory=dict)
    tab_columns: Mapping[str, Any] = field(default_factory=dict)
    incident: Incident | None = None
    """What the day's report lists of it."""
    reason: str | None = None
    """Why something is taken off after the bill was shown, where there is no incident that says it."""
    moves: bool = False
    """Whether all amounts go to another tab, or come from one: nothing is taken off."""
    explains_refund: bool = True
    """Whether a smaller bill says what a refund was for; not where lines only move to another tab."""


Decide = Callable[[LockedTab], Change | Awaitable[Change]]


async def change_tab(database: Database, write: Write, decide: Decide) -> models.Tab:
    """Change one tab as `decide` says, and answer it. Raises as `lock_for_edit` and `save`."""

    async def work(store: VenueStore) -> models.Tab:
        locked = await lock_for_edit(store, write)
        decided = decide(locked)
        await save(locked, decided if isinstance(decided, Change) else await decided)
        return await answer(store, write.tab_id)

    return await database.write(write.requester.venue_id, work)


async def lock_order_for_edit(store: VenueStore, write: Write) -> LockedOrder:
    """Lock the order, whatever its status and origin, for a change from the till.

    Raises NotFound, and Conflict for a version that is not the newest or while Dojo has a lock.
    """
    order = await lock_visible(store, write.tab_id, write.requester)
    context = await store.tabs.edit_context(write.tab_id)
    refuse_stale("tab", order.version, write.version)
    lock = context.lock
    if lock is not None and lock.is_live_for_dojo(context.now):
        raise Conflict(locked_by(lock))
    return LockedOrder(store, write, order, context)


async def lock_for_edit(store: VenueStore, write: Write) -> LockedTab:
    """Lock an open tab. Raises as `lock_order_for_edit`, and Conflict for any other order."""
    locked = await lock_order_for_edit(store, write)
    row = locked.context.tab
    if row is None:
        raise Conflict("This is an order of Dojo's; a till cannot change its content")
    if not is_open(locked.status):
        raise Conflict(f"The tab is {locked.status}")
    tab = replace(await tab_rows.read_tab(row), refund=locked.order.refund_amount)
    return LockedTab(store, write, locked.order, locked.context, row, tab)


def refuse_stale(thing: str, version: int, seen: int) -> None:
    """Optimistic locking: raise StaleVersion for a change that is based on an outdated version."""
    if version != seen:
        raise StaleVersion(
            f"The {thing} is at version {version}, and the change was made to version {seen}; "
            "read it again",
            version,
        )


async def save(
    locked: LockedTab, change: Change, coming: Mapping[str, LineRow] | None = None
) -> None:
    """Write what is different, with what the contract and the journal see of it.

    `coming`: rows of lines that move here from another tab, by id.
    Raises Conflict for a tab that is too large, or whose total would be less than is paid.
    """
    store, order = locked.store, locked.order
    new = await worked_out(change.tab.pieces, _changed, locked, change, coming or {})
    await store.tabs.save_lines(new.rows)
    if new.tab_columns:
        await store.tabs.change(order.id, **new.tab_columns)
    await store.orders.change(
        order.id, locked.now, status=new.status, **new.shown, **change.order_columns
    )
    await locked.audit(
        change.action,
        total=new.total,
        was=order.total_amount,
        approved_by=locked.write.approved_by,
        **change.details,
    )
    for what in (change.incident, new.off_the_bill):
        if what is not None:
            await locked.report(what)


@dataclass(frozen=True, slots=True)
class _Changed:
    """What a change makes of the rows of a tab."""

    status: OrderStatus
    total: int
    rows: list[LineRow]
    tab_columns: Mapping[str, Any]
    shown: Mapping[str, Any]
    """The columns of its order."""
    off_the_bill: Incident | None


def _changed(locked: LockedTab, change: Change, coming: Mapping[str, LineRow]) -> _Changed:
    """Raises Conflict as `save`."""
    order = locked.order
    change, added = _summed(locked, change)
    status = _status(locked, change, added)
    if status is OrderStatus.FINALIZED:
        change = _with_all_sent(locked, change)
    check(change.tab, added, order.paid_amount)
    known = {**locked.row.lines, **coming}
    off_the_bill = _after_bill(locked, change, added)
    columns = _tab_columns(locked, change)
    if off_the_bill is not None:
        columns |= {"billed_total": added.total + added.refund}
    customer = from_json(order.content).get("customer")
    return _Changed(
        status=status,
        total=added.total,
        rows=line_rows(order.id, change.tab, known, locked.now, locked.write),
        tab_columns=columns,
        shown=tab_content.order_columns(change.tab, added, order.currency, customer),
        off_the_bill=off_the_bill,
    )


def _after_bill(locked: LockedTab, change: Change, added: Sums) -> Incident | None:
    """What the change takes off the bill that a guest saw."""
    if change.moves:
        return None
    reason = change.reason if change.incident is None else change.incident.reason
    left = 0 if change.status is OrderStatus.CANCELED else added.total + added.refund
    return after_bill(locked.row.billed_total, left, reason)


def _summed(locked: LockedTab, change: Change) -> tuple[Change, Sums]:
    """The change with its sums; what it takes off explains a refund before it makes the bill smaller.

    Raises Conflict if too little would stay on the tab for what was given back on it.
    """
    refund = locked.tab.refund
    if refund and change.explains_refund:
        change = replace(change, tab=explained(locked.tab, change.tab))
    elif refund and not fits(change.tab):
        raise Conflict(
            f"{refund} was given back on this tab; at least as much must stay on it, at each VAT rate"
        )
    return change, sums(change.tab)


def line_rows(
    tab_id: str, tab: Tab, known: Mapping[str, LineRow], now: datetime, write: Write
) -> list[LineRow]:
    """The rows of lines that are to be written. `known`: the rows that exist, by line id, on this tab
    or on the one that the lines come from.
    """
    new: LineRow = {"added_at": now.isoformat(), "added_by": write.requester.waiter_id}
    never: LineRow = dict.fromkeys(["sent_at", "void_reason", "voided_by", "voided_at"])
    rows = []
    for position, line in enumerate(tab.lines):
        was = known.get(line.id, new)
        here = {"order_id": tab_id, "position": position}
        row = {**never, **was, **tab_rows.line_columns(line), **here}
        if line.sent_round is not None and row["sent_at"] is None:
            row["sent_at"] = now.isoformat()
        if line.void is not None and row["voided_at"] is None:
            row |= {"voided_by": write.by, "voided_at": now.isoformat()}
        if row != was:
            rows.append(row)
    return rows


def _tab_columns(locked: LockedTab, change: Change) -> dict[str, Any]:
    before, after = tab_rows.tab_columns(locked.tab), tab_rows.tab_columns(change.tab)
    different = {name: new for name, new in after.items() if new != before[name]}
    return {**different, **change.tab_columns}


def _with_all_sent(locked: LockedTab, change: Change) -> Change:
    """What is paid is made: a tab that is finished sends what the kitchen has not received."""
    if all(line.sent_round is not None for line in change.tab.live_lines):
        return change
    the_round = change.tab_columns.get("rounds", locked.row.rounds) + 1
    columns = {**change.tab_columns, "rounds": the_round}
    return replace(change, tab=sent(change.tab, the_round), tab_columns=columns)


def _status(locked: LockedTab, change: Change, added: Sums) -> OrderStatus:
    """Only a new total can finish a tab: one that a manager reopened while it was paid in full stays
    open when covers, a note or a round change.
    """
    order = locked.order
    was = (order.total_amount, order.refund_amount)
    total_changes = (added.total, added.refund) != was
    return status_by_money(
        change.status or locked.status,
        total=added.total,
        paid=locked.order.paid_amount,
        finalizes=locked.context.finalizes_paid_tabs and total_changes,
    )


async def answer(store: VenueStore, tab_id: str, waiter_id: str | None = None) -> models.Tab:
    """Read a tab as it is answered. Raises NotFound, also for what `waiter_id`, if given, may not see."""
    row = await store.tabs.answer(tab_id, waiter_id)
    if row is None:
        raise NotFound("The tab")
    return await tab_rows.rendered_tab(row)


# --- a new tab ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewTab:
    """A tab that is to be inserted, with its order; the rows of its lines are saved after it."""

    id: str
    tab: Tab
    now: datetime
    order_columns: Mapping[str, Any]
    """Currency, place and names, and what differs from a new, unpaid order."""
    tab_columns: Mapping[str, Any] = field(default_factory=dict)
    customer: dict[str, Any] | None = None


async def insert_tab(store: VenueStore, new: NewTab) -> None:
    """Insert the tab, with what the contract and the journal see of it."""
    plain: dict[str, Any] = {
        "id": new.id,
        "origin": OrderOrigin.TILL,
        "dojo_order_id": None,
        "fingerprint": None,
        "status": OrderStatus.NEW,
        "paid_amount": 0,
        "tips_amount": 0,
        "reservation_id": None,
        "ready_at": None,
        "reference_is_ours": True,
        "created_at": new.now,
        "updated_at": new.now,
    }
    currency = new.order_columns["currency"]
    shown = await worked_out(
        new.tab.pieces,
        lambda: tab_content.order_columns(new.tab, sums(new.tab), currency, new.customer),
    )
    await store.orders.insert(**plain | shown | dict(new.order_columns))
    await store.tabs.insert(new.id, **tab_rows.tab_columns(new.tab), **new.tab_columns)


# --- the set-up -----------------------------------------------------------------------------------


async def change_set_up(
    database: Database, requester: Requester, work: Callable[[VenueStore], Awaitable[T]]
) -> T:
    """Run `work` in one transaction, one change of the set-up at a time. `work` ends with
    `note_change`, or changes nothing.
    """

    async def alone(store: VenueStore) -> T:
        await store.setup.serialize_changes()
        return await work(store)

    return await database.write(requester.venue_id, alone)


async def note_change(
    store: VenueStore,
    requester: Requester,
    now: datetime,
    action: str,
    subject_id: str,
    **details: str | int | bool | list[str] | None,
) -> None:
    """Give the set-up its next version, and write the change into the audit trail."""
    await store.setup.count_change()
    await store.audit.add(requester, now, action, subject_id, **details)
