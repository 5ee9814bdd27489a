"""The status of an order: through the kitchen, accepted, rejected, closed, cancelled, reopened; and who
edits it now.

Dojo's orders go the same way as tabs: Dojo decides what is in them, the venue what becomes of them.
A hold tells terminals to wait while someone edits a tab: the order is not payable, and Dojo gets no lock.
It never refuses a payment, and it does not keep other tills away: versions do that.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from epos.contract.base import format_time
from epos.domain.errors import Conflict, Forbidden
from epos.domain.identifiers import Identifiers
from epos.domain.incidents import Incident, IncidentKind, voided
from epos.domain.locks import LockHolder, OrderLock
from epos.domain.order_status import OrderOrigin, OrderStatus, is_open, may_follow
from epos.domain.requester import Requester
from epos.domain.tab_changes import check_approved, with_sent_void
from epos.services.ledger import keep_reference_unique
from epos.services.locked_orders import lock_visible
from epos.services.order_locks import NewLock, make_room, take
from epos.services.orders import cancel_locked, check_cancelable
from epos.services.till import tab_rows
from epos.services.till.staff import Approvals
from epos.services.till.unit_of_work import (
    Change,
    LockedOrder,
    LockedTab,
    Write,
    answer,
    lock_order_for_edit,
    save,
)
from epos.store.database import Database
from epos.store.venue_store import VenueStore
from epos.till_contract.staff import Approval
from epos.till_contract.tab_requests import BreakLock
from epos.till_contract.tabs import Tab

Step = Callable[[LockedOrder], Awaitable[None]]


class TabStatus:
    def __init__(self, database: Database, identifiers: Identifiers, approvals: Approvals) -> None:
        self._database = database
        self._identifiers = identifiers
        self._approvals = approvals

    async def progress(self, status: OrderStatus, write: Write) -> Tab:
        """A step forward; steps may be skipped. Raises Conflict for a step back, and for a closed order:
        only a manager opens it again.
        """

        async def step(locked: LockedOrder) -> None:
            if not is_open(locked.status):
                raise Conflict(f"The order is {locked.status} and cannot become {status}")
            await _move(locked, status, "order.progressed")

        return await self._change(step, write)

    async def accept(self, write: Write) -> Tab:
        """Accept an order that waits for staff. Raises Conflict for any other."""

        async def step(locked: LockedOrder) -> None:
            _check_waits(locked)
            await _move(locked, OrderStatus.ACCEPTED, "order.accepted")

        return await self._change(step, write)

    async def reject(self, reason: str, write: Write, approval: Approval | None = None) -> Tab:
        """Cancel an order that waits for staff. Its payments stay until Dojo's events end them.

        Raises Conflict for any other order, and for a tab as `cancel`; Forbidden as `cancel`.
        """
        manager = await self._approvals.given(write.requester, approval)

        async def step(locked: LockedOrder) -> None:
            _check_waits(locked)
            _check_may_vanish(locked)
            _check_dojos_order(locked)
            await _cancel(locked, reason)

        return await self._change(step, replace(write, approved_by=manager))

    async def close(self, write: Write) -> Tab:
        """Finish an order that is paid in full. Raises Conflict for any other."""

        async def step(locked: LockedOrder) -> None:
            left = locked.order.balance
            if left:
                raise Conflict(f"{left} is left to pay")
            if locked.context.tab is not None:
                await locked.store.tabs.send_new(locked.order.id, locked.now)
            await _move(locked, OrderStatus.FINALIZED, "order.closed")

        return await self._change(step, write)

    async def cancel(self, reason: str, write: Write, approval: Approval | None = None) -> Tab:
        """Cancelling again is no error. What was sent to the kitchen becomes void.

        Raises Conflict for a tab with payments: refund first. Without a manager's approval, raises
        Forbidden for a tab that was sent to the kitchen, and for an order of Dojo's that is accepted or
        has payments.
        """
        manager = await self._approvals.given(write.requester, approval)

        async def step(locked: LockedOrder) -> None:
            if is_open(locked.status):
                _check_may_vanish(locked)
                _check_dojos_order(locked)
            await _cancel(locked, reason)

        return await self._change(step, replace(write, approved_by=manager))

    async def reopen(self, reason: str, approval: Approval, write: Write) -> Tab:
        """Open a finished order again, as a manager approves. Raises as Approvals does, and Conflict
        for an order that is not finished.
        """
        manager = await self._approvals.check(write.requester, approval)

        async def step(locked: LockedOrder) -> None:
            if locked.status is not OrderStatus.FINALIZED:
                raise Conflict(f"The order is {locked.status}, not Finalized")
            await keep_reference_unique(locked.store, self._identifiers, locked.order)
            await _move(locked, OrderStatus.READY, "order.reopened", reason)
            total = locked.order.total_amount
            await locked.report(Incident(IncidentKind.REOPEN, total, reason=reason))

        return await self._change(step, replace(write, approved_by=manager))

    async def _change(self, step: Step, write: Write) -> Tab:
        async def work(store: VenueStore) -> Tab:
            await step(await lock_order_for_edit(store, write))
            return await answer(store, write.tab_id)

        return await self._database.write(write.requester.venue_id, work)

    # --- holds ------------------------------------------------------------------------------------

    async def hold(self, tab_id: str, seconds: int, requester: Requester) -> Tab:
        """Hold the tab from now on; the same device and waiter renew their hold.

        Raises Conflict naming who else has a lock or a hold, and for a closed order.
        """

        async def work(store: VenueStore) -> Tab:
            order = await lock_visible(store, tab_id, requester)
            lock = await store.locks.unreleased(tab_id)
            now = await store.venue.now()
            until = now + timedelta(seconds=seconds)
            if lock is not None and _is_mine(lock, now, requester):
                await store.locks.renew(tab_id, lock.id, until)
                extended = format_time(until)
                await _audit_lock(store, requester, now, "lock.extended", lock, until=extended)
            else:
                await make_room(store, order, now)
                new = NewLock(self._identifiers.new("hld"), LockHolder.TILL, until)
                await take(store, tab_id, new, now, requester)
            await store.locks.hold(tab_id, until)
            return await answer(store, tab_id)

        return await self._database.write(requester.venue_id, work)

    async def release(self, tab_id: str, requester: Requester) -> Tab:
        """End the till's own hold. One that has ended is no error; another's stays."""

        async def work(store: VenueStore) -> Tab:
            await lock_visible(store, tab_id, requester)
            lock = await store.locks.unreleased(tab_id)
            now = await store.venue.now()
            if lock is not None and _is_mine(lock, now, requester):
                await _end_lock(store, lock, "released", now)
                await _audit_lock(store, requester, now, "lock.released", lock)
            return await answer(store, tab_id)

        return await self._database.write(requester.venue_id, work)

    async def break_lock(self, tab_id: str, request: BreakLock, requester: Requester) -> Tab:
        """End the lock or hold that the manager saw on the tab, whoever has it.

        Raises as Approvals does, and Conflict for a lock that is not the live one.
        """
        manager = await self._approvals.check(requester, request.approval)

        async def work(store: VenueStore) -> Tab:
            order = await lock_visible(store, tab_id, requester)
            lock = await store.locks.unreleased(tab_id)
            now = await store.venue.now()
            if lock is None or lock.id != request.lockId or not lock.is_live(now):
                raise Conflict("The lock is not live; read the tab again")
            await _end_lock(store, lock, "broken", now)
            await _audit_lock(store, requester, now, "lock.broken", lock, approved_by=manager)
            broken = Incident(IncidentKind.BREAK_LOCK, order.balance)
            await store.incidents.add(
                order, broken, waiter_id=requester.waiter_id, approved_by=manager
            )
            return await answer(store, tab_id)

        return await self._database.write(requester.venue_id, work)


def _check_may_vanish(locked: LockedOrder) -> None:
    """Cancelling voids every line at once, so it needs the approval that each of them needs."""
    tab = locked.context.tab
    for line in () if tab is None else tab.lines.values():
        if line["void_reason"] is None:
            check_approved(line["name"], line["sent_round"], locked.write.approved_by)


def _check_dojos_order(locked: LockedOrder) -> None:
    """The venue has promised it, or a guest has paid for it: that is not one waiter's to undo."""
    order = locked.order
    if order.origin is not OrderOrigin.DOJO or locked.write.approved_by is not None:
        return
    if order.paid_amount > 0:
        raise Forbidden("The order has payments: a manager must approve")
    if locked.status is not OrderStatus.SUBMITTED:
        raise Forbidden(f"The order is {locked.status}: a manager must approve")


def _check_waits(locked: LockedOrder) -> None:
    if locked.status is not OrderStatus.SUBMITTED:
        raise Conflict(f"The order is {locked.status}; only a Submitted one waits for an answer")


async def _cancel(locked: LockedOrder, reason: str) -> None:
    """Cancel the order; the lines of a tab that were sent to the kitchen become void with it."""
    write, row = locked.write, locked.context.tab
    if row is None or locked.status is OrderStatus.CANCELED:
        await cancel_locked(
            locked.store,
            locked.order,
            locked.now,
            write.requester,
            reason,
            approved_by=write.approved_by,
        )
        return
    await check_cancelable(locked.store, locked.order, locked.now, write.requester)
    tab = await tab_rows.read_tab(row)
    left = with_sent_void(tab, reason)
    _, count = voided(tab, left)
    canceled = Change(
        "order.canceled",
        left,
        status=OrderStatus.CANCELED,
        details={"was_status": locked.status},
        order_columns={"status_reason": reason},
        incident=Incident(IncidentKind.CANCEL, locked.order.total_amount, count or None, reason),
    )
    await save(LockedTab(locked.store, write, locked.order, locked.context, row, tab), canceled)


async def _move(
    locked: LockedOrder, status: OrderStatus, action: str, reason: str | None = None
) -> None:
    before = locked.status
    if not may_follow(before, status):
        raise Conflict(f"The order is {before} and cannot become {status}")
    await locked.store.orders.set_status(locked.order.id, status, locked.now, reason)
    approved_by = locked.write.approved_by
    await locked.audit(action, was=before, status=status, approved_by=approved_by)


def _is_mine(lock: OrderLock, now: datetime, requester: Requester) -> bool:
    return lock.is_live(now) and lock.is_hold_of(requester)


async def _end_lock(store: VenueStore, lock: OrderLock, reason: str, now: datetime) -> None:
    await store.locks.release(lock.order_id, lock.id, reason, now)
    if lock.holder is LockHolder.TILL:
        await store.locks.hold(lock.order_id, None)


async def _audit_lock(
    store: VenueStore,
    requester: Requester,
    now: datetime,
    action: str,
    lock: OrderLock,
    **details: str,
) -> None:
    await store.audit.add(requester, now, action, lock.order_id, lock=lock.id, **details)
