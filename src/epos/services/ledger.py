"""What a payment does to its order: when it is added, and when it counts no longer.

The order is locked, and the ledger's row is the caller's.
"""

from datetime import datetime

from epos.domain.identifiers import Identifiers
from epos.domain.order_status import OrderOrigin, OrderStatus
from epos.domain.tab_changes import status_by_money
from epos.store.orders import OrderRow
from epos.store.payments import LedgerEntry
from epos.store.venue_store import VenueStore


async def add_to_order(
    store: VenueStore,
    order: OrderRow,
    paid: int,
    tips: int,
    now: datetime,
    *,
    finalizes_paid_tabs: bool,
) -> None:
    """The sums follow the ledger; a tab that is paid in full is finished, if the venue wants that."""
    paid += order.paid_amount
    tips += order.tips_amount
    status = order.status
    if order.origin == OrderOrigin.TILL:
        total = order.total_amount
        status = status_by_money(status, total=total, paid=paid, finalizes=finalizes_paid_tabs)
    await store.orders.set_sums(order.id, status, paid, tips, now)


async def take_out(
    store: VenueStore,
    identifiers: Identifiers,
    order: OrderRow,
    payment: LedgerEntry,
    now: datetime,
) -> None:
    """The payment counts no longer: the balance is open again, and so is a finished order."""
    status = order.status
    if status is OrderStatus.FINALIZED:
        status = OrderStatus.READY
        await keep_reference_unique(store, identifiers, order)
    paid = order.paid_amount - payment.paid
    tips = order.tips_amount - payment.tips
    await store.orders.set_sums(order.id, status, paid, tips, now)


async def keep_reference_unique(
    store: VenueStore, identifiers: Identifiers, order: OrderRow
) -> None:
    """Before an order is open again: another open one may have got its code meanwhile."""
    ours = order.reference_is_ours
    if ours and await store.orders.is_reference_taken(order.reference):
        await store.orders.set_reference(order.id, await store.orders.new_reference(identifiers))
