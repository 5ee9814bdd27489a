"""The one way to change a tab: hold it, let the rules decide, save what became of it.

All of it happens in one unit of work, in which `hold` waits for whoever else is at the tab:

    held = await hold(store, write)
    await save(store, held, Change("tab.discounted", held.tab.with_discount(...)), write)
    return await answer(store, write.tab_id)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from epos.domain.errors import Conflict
from epos.domain.order_status import OrderOrigin, OrderStatus, is_open
from epos.domain.requester import Requester
from epos.domain.tab import Tab
from epos.domain.tab_rules import check, status_by_money
from epos.domain.tab_sums import Sums, sums
from epos.services.locked_orders import is_locked_by_dojo, lock_visible, locked_by
from epos.services.till import tab_rows
from epos.services.till.tab_answers import answer
from epos.services.till.tab_content import amounts
from epos.services.till.versions import refuse_stale
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.tabs import Line as LineRow
from epos.store.venue_store import VenueStore
from epos.till_contract import tabs as models


@dataclass(frozen=True, slots=True)
class Write:
    """One request to change a tab, or another order: which, the version that it saw, and who asks."""

    tab_id: str
    version: int
    requester: Requester
    approved_by: str | None = None
    """The manager who approved it, if one did."""

    @property
    def by(self) -> str | None:
        """Whom the venue will ask about it."""
        return self.approved_by or self.requester.waiter_id


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """An order that is locked and may be changed. `facts` is what `TabRepository.facts` says of it."""

    order: Record
    facts: Record

    @property
    def now(self) -> datetime:
        now: datetime = self.facts["now"]
        return now

    @property
    def status(self) -> OrderStatus:
        return OrderStatus(self.order["status"])


@dataclass(frozen=True, slots=True)
class HeldTab(HeldOrder):
    """A tab that is locked, open, and as the request saw it."""

    lines: Mapping[str, LineRow]
    """The rows of its lines by id, in their order."""
    tab: Tab


@dataclass(frozen=True, slots=True)
class Change:
    """What a request makes of a tab. `action` and `details` are for the audit trail: no guest's words."""

    action: str
    tab: Tab
    status: OrderStatus | None = None
    """Where it moves on to; None where it stays."""
    details: Mapping[str, str | int | list[str] | None] = field(default_factory=dict)
    order_columns: Mapping[str, Any] = field(default_factory=dict)
    tab_columns: Mapping[str, Any] = field(default_factory=dict)


async def change_tab(
    database: Database, write: Write, decide: Callable[[HeldTab], Change]
) -> models.Tab:
    """The tab as `decide` would have it, which looks at nothing but the tab. Raises as `hold` and
    `save`.
    """

    async def work(store: VenueStore) -> models.Tab:
        held = await hold(store, write)
        await save(store, held, decide(held), write)
        return await answer(store, write.tab_id)

    return await database.write(write.requester.venue_id, work)


async def hold_order(store: VenueStore, write: Write) -> HeldOrder:
    """Lock the order, whatever its status and whoever owns it, for a change from the till.

    Raises NotFound, and Conflict for a version that is not the newest or while Dojo holds a lock.
    """
    order = await lock_visible(store, write.tab_id, write.requester)
    facts = await store.tabs.facts(write.tab_id)
    refuse_stale("tab", order["version"], write.version)
    if is_locked_by_dojo(facts, facts["now"]):
        raise Conflict(locked_by(facts))
    return HeldOrder(order, facts)


async def hold(store: VenueStore, write: Write) -> HeldTab:
    """Lock an open tab. Raises as `hold_order`, and Conflict for an order that is none."""
    held = await hold_order(store, write)
    if held.order["origin"] != OrderOrigin.TILL:
        raise Conflict("The order is Dojo's, and so is what is in it")
    if not is_open(held.status):
        raise Conflict(f"The tab is {held.status}")
    return loaded(held)


def loaded(held: HeldOrder) -> HeldTab:
    """A tab that is held, with its lines, whatever its status."""
    rows = tab_rows.lines_of(held.facts)
    lines = {row["id"]: row for row in rows}
    return HeldTab(held.order, held.facts, lines, tab_rows.tab(held.facts, rows))


async def save(store: VenueStore, held: HeldTab, change: Change, write: Write) -> None:
    """Write what is different, and show it to the contract and to the journal.

    Raises Conflict for a tab that is too much, or that would come to less than is paid of it.
    """
    order_id, added = held.order["id"], sums(change.tab)
    check(change.tab, added, held.order["paid_amount"])
    await store.tabs.save_lines(line_rows(order_id, change.tab, held.lines, held.now, write))
    columns = _tab_columns(held, change)
    if columns:
        await store.tabs.change(order_id, **columns)
    await store.orders.change(
        order_id,
        held.now,
        status=_status(held, change, added),
        **_shown(held.order, change.tab, added),
        **change.order_columns,
    )
    await store.audit.add(
        write.requester,
        held.now,
        change.action,
        order_id,
        total=added.total,
        was=held.order["total_amount"],
        approved_by=write.approved_by,
        **change.details,
    )


def _shown(order: Record, tab: Tab, added: Sums) -> dict[str, Any]:
    customer = from_json(order["content"]).get("customer")
    return amounts(tab, added, order["currency"], customer)


def line_rows(
    tab_id: str, tab: Tab, known: Mapping[str, LineRow], now: datetime, write: Write
) -> list[LineRow]:
    """The rows that are not yet as the tab has them. `known`: the rows of lines as they are, on this
    tab or on the one that they come from.
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


def _tab_columns(held: HeldTab, change: Change) -> dict[str, Any]:
    before, after = tab_rows.tab_columns(held.tab), tab_rows.tab_columns(change.tab)
    different = {name: new for name, new in after.items() if new != before[name]}
    return {**different, **change.tab_columns}


def _status(held: HeldTab, change: Change, added: Sums) -> OrderStatus:
    """Only a change of what it comes to can finish it: a tab that a manager opened again while it was
    paid stays open for covers, notes and rounds.
    """
    comes_to_something_else = added.total != held.order["total_amount"]
    return status_by_money(
        change.status or held.status,
        total=added.total,
        paid=held.order["paid_amount"],
        finalizes=held.facts["finalizes_paid_tabs"] and comes_to_something_else,
    )
