"""Tabs that move: to another table or waiter, two into one, one into two. Payments never move."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic_core import from_json

from epos.contract.orders import OrderType
from epos.domain.errors import Conflict, InvalidRequest, NotFound, StaleVersion
from epos.domain.identifiers import Identifiers
from epos.domain.incidents import Incident, after_bill
from epos.domain.order_status import OrderStatus, further_on, is_open
from epos.domain.tab import Tab
from epos.domain.tab_splits import Parts, Taken, by_covers, merge, split
from epos.domain.tab_sums import Sums, sums
from epos.services.large_work import worked_out
from epos.services.order_placement import Placement
from epos.services.till.tabs import check_waiter, place_tab
from epos.services.till.unit_of_work import (
    Change,
    LockedTab,
    NewTab,
    Write,
    answer,
    insert_tab,
    line_rows,
    lock_for_edit,
    lock_order_for_edit,
    save,
)
from epos.store.database import Database
from epos.store.orders import OrderRow
from epos.store.venue_store import VenueStore
from epos.till_contract import tabs as models
from epos.till_contract.tab_requests import Merge, Split, Transfer
from epos.till_contract.tabs import Merged, Parted

_KEPT_WHEN_SPLIT = (
    *("currency", "status", "order_type", "table_id", "party_id", "reservation_id", "waiter_id"),
    *("asap", "collect_at", "note"),
    "created_at",  # so that guests who sit down at the table later do not get the new tab
)


class TabMoves:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def transfer(self, request: Transfer, write: Write) -> models.Tab:
        """Move a tab or an order of Dojo's. At another table it belongs to the party that sits there,
        or to none.

        Raises InvalidRequest for an unknown table or waiter, Conflict for a closed order.
        """
        if request.tableId is None and request.waiterId is None:
            raise InvalidRequest("tableId", "or waiterId must be sent")

        async def work(store: VenueStore) -> models.Tab:
            placement = await place_tab(store, request.tableId, None, write.requester)
            await check_waiter(store, request.waiterId)
            locked = await lock_order_for_edit(store, write)
            if not is_open(locked.status):
                raise Conflict(f"The order is {locked.status}")
            order = locked.order
            place = _new_place(order, request.tableId, request.waiterId, placement)
            await store.orders.change(order.id, locked.now, **place)
            before = {f"was_{name}": getattr(order, name) for name in place}
            await locked.audit("order.transferred", **place, **before)
            return await answer(store, write.tab_id)

        return await self._database.write(write.requester.venue_id, work)

    async def merge(self, request: Merge, write: Write) -> Merged:
        """Put the lines of both tabs on the named one; on the other one, if that has payments.

        Raises as `lock_for_edit`, for either, and Conflict if both have payments.
        """
        other = Write(request.otherTabId, request.otherVersion, write.requester)
        if other.tab_id == write.tab_id:
            raise InvalidRequest("otherTabId", "must be another tab than the one it is merged with")

        async def work(store: VenueStore) -> Merged:
            staying, coming = await _lock_both(store, write, other)
            await _join(staying, coming)
            return Merged.model_construct(
                tab=await answer(store, staying.write.tab_id),
                emptied=await answer(store, coming.write.tab_id),
            )

        return await self._database.write(write.requester.venue_id, work)

    async def split(self, request: Split, write: Write) -> Parted:
        """Move lines to a new tab; this one keeps its id and its payments.

        Raises as `lock_for_edit`, InvalidRequest for what is not on the tab, and Conflict if nothing
        would stay, or less than is paid.
        """
        _check_split(request)

        async def work(store: VenueStore) -> Parted:
            placement = await place_tab(store, request.tableId, None, write.requester)
            await check_waiter(store, request.waiterId)
            locked = await lock_for_edit(store, write)
            taken = _taken(request, locked.tab)
            staying, moving = await worked_out(
                locked.tab.pieces, split, locked.tab, taken, self._new_line_id
            )
            place = _new_place(locked.order, request.tableId, request.waiterId, placement)
            new = await self._new_tab(locked, moving, place)
            await _save_split(locked, staying, new)
            return Parted.model_construct(
                tab=await answer(store, write.tab_id), taken=await answer(store, new.id)
            )

        return await self._database.write(write.requester.venue_id, work)

    def _new_line_id(self) -> str:
        return self._identifiers.new("lin")

    async def _new_tab(self, locked: LockedTab, moving: Tab, place: Mapping[str, Any]) -> NewTab:
        order = locked.order
        return NewTab(
            id=self._identifiers.new("ord"),
            tab=moving,
            now=locked.now,
            order_columns={
                **{name: getattr(order, name) for name in _KEPT_WHEN_SPLIT},
                **place,
                "display_name": None,
                "reference": await locked.store.orders.new_reference(self._identifiers),
            },
            tab_columns={
                "opened_by": locked.write.requester.waiter_id,
                "rounds": locked.row.rounds,
                "takeaway": locked.row.takeaway,
                "billed_total": None if locked.row.billed_total is None else sums(moving).total,
            },
            customer=from_json(order.content).get("customer"),
        )


def _new_place(
    order: OrderRow, table_id: str | None, waiter_id: str | None, placement: Placement
) -> dict[str, Any]:
    """The columns that change when an order goes to a table or a waiter. `placement`: of that table.

    A pre-order keeps waiting for its own guests, whoever sits at its table now. Raises Conflict for a
    table and an order for collection.
    """
    place: dict[str, Any] = {}
    if table_id is not None:
        if order.order_type == OrderType.Collection:
            raise Conflict("The order is for collection, so it has no table")
        place["table_id"] = table_id
        if order.reservation_id is None or order.party_id is not None:
            place["party_id"] = placement.party_id
    if waiter_id is not None:
        place["waiter_id"] = waiter_id
    return place


# --- merge ----------------------------------------------------------------------------------------


async def _lock_both(store: VenueStore, named: Write, other: Write) -> tuple[LockedTab, LockedTab]:
    """The tab that stays and the tab that is emptied, locked in ascending id."""
    in_order = sorted((named, other), key=lambda write: write.tab_id)
    tabs = {write: await _lock_one(store, write, named) for write in in_order}
    paid = await store.payments.orders_with_ledger([named.tab_id, other.tab_id])
    if len(paid) > 1:
        raise Conflict("Both tabs have payments, and payments stay where they are")
    if other.tab_id in paid:
        return tabs[other], tabs[named]
    return tabs[named], tabs[other]


async def _lock_one(store: VenueStore, write: Write, named: Write) -> LockedTab:
    """Errors say which of the two tabs they are about."""
    try:
        return await lock_for_edit(store, write)
    except StaleVersion as refusal:
        message = f"{write.tab_id}: {refusal.message}"
        raise StaleVersion(message, refusal.current_version) from None
    except Conflict as refusal:
        raise Conflict(f"{write.tab_id}: {refusal.message}") from None
    except NotFound:
        if write is named:
            raise
        raise InvalidRequest("otherTabId", "is not a tab of the venue") from None


async def _join(staying: LockedTab, coming: LockedTab) -> None:
    pieces = staying.tab.pieces + coming.tab.pieces
    merged = await worked_out(pieces, merge, staying.tab, coming.tab, rounds=staying.row.rounds)
    billed, off_the_bill = _billed(staying, coming, sums(merged))
    joined = Change(
        "tab.merged",
        merged,
        status=further_on(staying.status, coming.status),
        details={"emptied": coming.write.tab_id, "lines": list(coming.row.lines)},
        order_columns={"note": _both_notes(staying.order.note, coming.order.note)},
        tab_columns={
            "covers": _both_covers(staying.row.covers, coming.row.covers),
            "rounds": staying.row.rounds + coming.row.rounds,
            "billed_total": billed,
        },
        incident=off_the_bill,
        moves=True,
    )
    await save(staying, joined, coming=coming.row.lines)
    emptied = Change(
        "tab.emptied",
        replace(coming.tab, lines=(), discount=None, as_split=None),
        status=OrderStatus.CANCELED,
        details={"merged_into": staying.write.tab_id},
        tab_columns={"merged_into": staying.write.tab_id, "billed_total": None},
        moves=True,
    )
    await save(coming, emptied)


def _billed(
    staying: LockedTab, coming: LockedTab, merged: Sums
) -> tuple[int | None, Incident | None]:
    """What guests saw, on the tab of both, and what the merge takes off the bills that they saw: the
    service charge of the coming tab, if the staying tab has a smaller one.

    Of a tab that nobody saw, everything counts as seen from now on: so it hides nothing of the other.
    """
    shown = [tab for tab in (staying, coming) if tab.row.billed_total is not None]
    if not shown:
        return None, None
    seen = sum(tab.row.billed_total or 0 for tab in shown)
    whole = merged.total + merged.refund
    left = whole
    if coming not in shown:
        left = _whole(staying)
    elif staying not in shown:
        left = whole - _whole(staying)
    off = after_bill(seen, left, f"Merged from {coming.order.reference}")
    return min(seen, left) + whole - left, off


def _whole(locked: LockedTab) -> int:
    """What the tab comes to, before what was given back."""
    return locked.order.total_amount + locked.order.refund_amount


def _both_notes(one: str | None, other: str | None) -> str | None:
    """Each line once: no allergy is lost because its guest moved to another tab."""
    lines = [line for note in (one, other) if note for line in note.splitlines()]
    return "\n".join(dict.fromkeys(lines)) or None


def _both_covers(one: int | None, other: int | None) -> int | None:
    return (one or 0) + (other or 0) or None


# --- split ----------------------------------------------------------------------------------------


def _check_split(request: Split) -> None:
    if (request.lines is None) == (request.covers is None):
        raise InvalidRequest("lines", "or covers must be sent, and not both")
    seen = set[str]()
    for index, line in enumerate(request.lines or ()):
        if line.lineId in seen:
            raise InvalidRequest(f"lines[{index}].lineId", "must not be named twice")
        seen.add(line.lineId)


def _taken(request: Split, tab: Tab) -> Taken:
    if request.lines is not None:
        return {
            line.lineId: line.quantity if line.parts is None else Parts(line.quantity, line.parts)
            for line in request.lines
        }
    taken = by_covers(tab, request.covers or ())
    if not taken:
        raise InvalidRequest("covers", "no line of this tab belongs to them")
    return taken


async def _save_split(locked: LockedTab, staying: Tab, new: NewTab) -> None:
    """Insert the new tab first: lines move to a tab that exists."""
    store, write = locked.store, locked.write
    await insert_tab(store, new)
    moved = [line.id for line in new.tab.lines]
    split_off = Change(
        "tab.split",
        staying,
        details={"taken": new.id, "lines": moved},
        explains_refund=False,
        reason=f"Split off to {new.order_columns['reference']}",
    )
    await save(locked, split_off)
    rows = line_rows(new.id, new.tab, locked.row.lines, locked.now, write)
    await store.tabs.save_lines(rows)
    named = {name: new.order_columns[name] for name in ("table_id", "party_id", "reference")}
    await store.audit.add(
        write.requester, locked.now, "tab.opened", new.id, split_from=write.tab_id, **named
    )
