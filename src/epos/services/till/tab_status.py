"""How an order gets on: through the kitchen, accepted or rejected, closed, cancelled, opened again.

Dojo's orders go the same way as tabs: what is in them is Dojo's, what becomes of them is the venue's.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from epos.domain.errors import Conflict
from epos.domain.identifiers import Identifiers
from epos.domain.order_status import OrderStatus, is_open, may_follow
from epos.domain.tab_rules import check_approved
from epos.services.ledger import keep_reference_unique
from epos.services.orders import cancel_locked
from epos.services.till import tab_rows
from epos.services.till.approvals import Approvals
from epos.services.till.tab_answers import answer
from epos.services.till.tab_writes import HeldOrder, Write, hold_order
from epos.store.database import Database
from epos.store.venue_store import VenueStore
from epos.till_contract.staff import Approval
from epos.till_contract.tabs import Tab

Step = Callable[[VenueStore, HeldOrder], Awaitable[None]]


class TabStatus:
    def __init__(self, database: Database, identifiers: Identifiers, approvals: Approvals) -> None:
        self._database = database
        self._identifiers = identifiers
        self._approvals = approvals

    async def progress(self, status: OrderStatus, write: Write) -> Tab:
        """A step forward; steps may be skipped. Raises Conflict for one back."""

        async def step(store: VenueStore, held: HeldOrder) -> None:
            await _move(store, held, status, "order.progressed", write)

        return await self._take(step, write)

    async def accept(self, write: Write) -> Tab:
        """An order that waits for staff is accepted. Raises Conflict for one that does not wait."""

        async def step(store: VenueStore, held: HeldOrder) -> None:
            _check_waits(held)
            await _move(store, held, OrderStatus.ACCEPTED, "order.accepted", write)

        return await self._take(step, write)

    async def reject(self, reason: str, write: Write) -> Tab:
        """An order that waits for staff is cancelled. What was paid stays until Dojo's events end it.

        Raises Conflict for one that does not wait, and as `cancel`.
        """

        async def step(store: VenueStore, held: HeldOrder) -> None:
            _check_waits(held)
            await cancel_locked(store, held.order, held.now, write.requester, reason)

        return await self._take(step, write)

    async def close(self, write: Write) -> Tab:
        """Staff finish an order on which nothing is left to pay. Raises Conflict for any other."""

        async def step(store: VenueStore, held: HeldOrder) -> None:
            left = held.order["total_amount"] - held.order["paid_amount"]
            if left:
                raise Conflict(f"{left} is left to pay")
            await _move(store, held, OrderStatus.FINALIZED, "order.closed", write)

        return await self._take(step, write)

    async def cancel(self, reason: str, write: Write, approval: Approval | None = None) -> Tab:
        """Cancelling again is no error. Raises Conflict as the contract's cancel does: money first;
        Forbidden for a tab of which the kitchen has been told, without a manager's approval.
        """
        manager = await self._approvals.given(write.requester, approval)
        approved = replace(write, approved_by=manager)

        async def step(store: VenueStore, held: HeldOrder) -> None:
            if is_open(held.status):
                _check_may_vanish(held, approved)
            await cancel_locked(
                store, held.order, held.now, write.requester, reason, approved_by=manager
            )

        return await self._take(step, approved)

    async def reopen(self, reason: str, approval: Approval, write: Write) -> Tab:
        """A manager opens a finished order again. Raises as Approvals does, and Conflict for an order
        that is not finished.
        """
        manager = await self._approvals.check(write.requester, approval)
        approved = replace(write, approved_by=manager)

        async def step(store: VenueStore, held: HeldOrder) -> None:
            if held.status is not OrderStatus.FINALIZED:
                raise Conflict(f"The order is {held.status}, not Finalized")
            await keep_reference_unique(store, self._identifiers, held.order)
            await _move(store, held, OrderStatus.READY, "order.reopened", approved, reason)

        return await self._take(step, approved)

    async def _take(self, step: Step, write: Write) -> Tab:
        async def work(store: VenueStore) -> Tab:
            await step(store, await hold_order(store, write))
            return await answer(store, write.tab_id)

        return await self._database.write(write.requester.venue_id, work)


def _check_may_vanish(held: HeldOrder, write: Write) -> None:
    """Cancelling makes every line void at once, so it takes what each of them would take."""
    for line in tab_rows.lines_of(held.facts):
        if line["void_reason"] is None:
            check_approved(line["name"], line["sent_round"], write.approved_by)


def _check_waits(held: HeldOrder) -> None:
    if held.status is not OrderStatus.SUBMITTED:
        raise Conflict(f"The order is {held.status}; only a Submitted one waits for an answer")


async def _move(
    store: VenueStore,
    held: HeldOrder,
    status: OrderStatus,
    action: str,
    write: Write,
    reason: str | None = None,
) -> None:
    if not may_follow(held.status, status):
        raise Conflict(f"The order is {held.status} and cannot become {status}")
    order_id = held.order["id"]
    await store.orders.set_status(order_id, status, held.now, reason)
    await store.audit.add(
        write.requester,
        held.now,
        action,
        order_id,
        was=held.status,
        status=status,
        approved_by=write.approved_by,
    )
