"""The sums of an order when a payment is added. What goes back is in `refunds`.

Call with the order locked. The caller writes the ledger row.
"""

from datetime import datetime

from epos.domain.identifiers import Identifiers
from epos.domain.order_status import OrderOrigin
from epos.domain.tab_changes import status_by_money
from epos.store.orders import OrderRow
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
    """Add a payment to the sums. What is paid is made: a tab that is paid in full sends what the kitchen
    has not received, and is finalized if the venue has set that.
    """
    is_tip_alone = not paid
    paid += order.paid_amount
    tips += order.tips_amount
    status = order.status
    if order.origin == OrderOrigin.TILL and not is_tip_alone:
        total = order.total_amount
        if paid == total:
            await store.tabs.send_new(order.id, now)
        status = status_by_money(status, total=total, paid=paid, finalizes=finalizes_paid_tabs)
    await store.orders.set_sums(order.id, status, paid, tips, now)


async def keep_reference_unique(
    store: VenueStore, identifiers: Identifiers, order: OrderRow
) -> None:
    """Call before an order reopens: another open order may have its reference by now."""
    ours = order.reference_is_ours
    if ours and await store.orders.is_reference_taken(order.reference):
        await store.orders.set_reference(order.id, await store.orders.new_reference(identifiers))
