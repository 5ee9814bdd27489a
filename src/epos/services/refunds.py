"""Money that goes back, whoever says so: a part of a payment, or all of it.

The payment counts what is left. Either the guest owes the money again, or the bill becomes smaller by it:
a refund line, until staff say by a void or a discount what it was for. Call with the order locked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from epos.domain.derived_vat import derived_sums
from epos.domain.identifiers import Identifiers
from epos.domain.incidents import Incident, IncidentKind
from epos.domain.order_status import OrderStatus
from epos.domain.payments import EFFECTIVE, PaymentStatus
from epos.domain.requester import Requester
from epos.domain.tab_sums import sums
from epos.services.large_work import worked_out
from epos.services.ledger import keep_reference_unique
from epos.services.menu_checks import derived_of, sales
from epos.services.till import tab_content, tab_rows
from epos.store.orders import OrderRow
from epos.store.payments import LedgerEntry
from epos.store.venue_store import VenueStore


@dataclass(frozen=True, slots=True)
class Cause:
    """Why money goes back: Dojo's event, or the reason at a till, who gave it back, and the manager."""

    at: datetime
    reason: str | None = None
    waiter_id: str | None = None
    approved_by: str | None = None
    event_id: str | None = None
    is_correction: bool = False
    """Whether what goes back was entered by mistake."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """Of the bill, and of the tip. Minor units."""

    paid: int
    tips: int

    @property
    def total(self) -> int:
        return self.paid + self.tips


def part_of(payment: LedgerEntry, amount: int) -> Amounts:
    """A part of what is left of a payment: of the bill first, of the tip last."""
    paid = min(amount, payment.left_paid)
    return Amounts(paid, amount - paid)


async def give_back_part(
    store: VenueStore,
    identifiers: Identifiers,
    order: OrderRow,
    payment: LedgerEntry,
    part: Amounts,
    cause: Cause,
    *,
    owed_again: bool,
) -> None:
    """Give back less than the payment counts; it stays in the ledger and counts what is left."""
    credited = 0 if owed_again else part.paid
    await _enter(store, identifiers, payment, part, credited, cause)
    status = await _reopened(store, identifiers, order, is_owed=bool(part.paid) and owed_again)
    await _set(store, order, status, part, credited, cause.at)
    await _report(store, order, PaymentStatus.REFUNDED, part.total, cause)


async def end_payments(
    store: VenueStore,
    identifiers: Identifiers,
    order: OrderRow,
    payments: Sequence[LedgerEntry],
    status: PaymentStatus,
    cause: Cause,
    *,
    owed_again: bool = True,
) -> None:
    """All that these payments count goes back, and they count no longer.

    If the guest owes it again, so is what was refunded of them before, and a finalized order reopens.
    """
    credited = 0
    for payment in payments:
        if owed_again:
            credited -= await store.refunds.credited(payment.id)
        else:
            credited += payment.left_paid
        await _end(store, identifiers, payment, status, cause, owed_again=owed_again)
    back = Amounts(
        sum(payment.left_paid for payment in payments),
        sum(payment.left_tips for payment in payments),
    )
    reopened = await _reopened(store, identifiers, order, is_owed=owed_again)
    await _set(store, order, reopened, back, max(credited, -order.refund_amount), cause.at)
    await _report(store, order, status, back.total, cause)


async def _end(
    store: VenueStore,
    identifiers: Identifiers,
    payment: LedgerEntry,
    status: PaymentStatus,
    cause: Cause,
    *,
    owed_again: bool,
) -> None:
    """A payment that was refunded has a refund for what was left of it; one that never was has none."""
    await store.payments.change_status(
        payment.id,
        payment.status,
        status,
        cause.at,
        event_id=cause.event_id,
        reason=cause.reason,
        waiter_id=cause.approved_by,
    )
    left = Amounts(payment.left_paid, payment.left_tips)
    if status is PaymentStatus.REFUNDED and left.total:
        credited = 0 if owed_again else left.paid
        await _enter(store, identifiers, payment, left, credited, cause)


async def note_refund(
    store: VenueStore,
    identifiers: Identifiers,
    intent_id: str,
    refunded: int,
    requester: Requester,
    event_id: str | None = None,
) -> bool:
    """Give back a part of a card payment, as Dojo says: `refunded` is all that went back until now.

    What was heard before is not given back again, and a payment that has ended gives nothing. The guest
    is not asked for it again. False if there is no such payment.
    """
    await store.payments.lock_intents([intent_id])
    found = (await store.payments.of_intents([intent_id])).get(intent_id)
    if found is None:
        return False
    order = await store.orders.lock(found.order_id)
    payment = await store.payments.of_order(found.order_id, found.id)
    assert order is not None and payment is not None, "a payment belongs to an order"  # noqa: S101, PT018
    more = min(refunded - payment.refunded, payment.left)
    if payment.status not in EFFECTIVE or more <= 0:
        return True
    now = await store.venue.now()
    part, cause = part_of(payment, more), Cause(now, event_id=event_id)
    await give_back_part(store, identifiers, order, payment, part, cause, owed_again=False)
    await store.audit.add(
        requester,
        now,
        "payment.partly_refunded",
        order.id,
        payment=payment.id,
        intent=intent_id,
        refunded=refunded,
        amount=more,
    )
    return True


async def _enter(
    store: VenueStore,
    identifiers: Identifiers,
    payment: LedgerEntry,
    part: Amounts,
    credited: int,
    cause: Cause,
) -> None:
    await store.refunds.add(
        payment.id,
        part.total,
        part.tips,
        id=identifiers.new("rfd"),
        order_id=payment.order_id,
        credited=credited,
        at=cause.at,
        reason=cause.reason,
        waiter_id=cause.approved_by,
        event_id=cause.event_id,
    )


async def _report(
    store: VenueStore, order: OrderRow, status: PaymentStatus, amount: int, cause: Cause
) -> None:
    """What staff take back was entered by mistake; what Dojo takes back went back, however it ended."""
    by_dojo = cause.approved_by is None
    is_mistake = cause.is_correction or (status is PaymentStatus.CANCELED and not by_dojo)
    kind = IncidentKind.CORRECT if is_mistake else IncidentKind.REFUND
    reason = f"{status} by Dojo" if by_dojo else cause.reason
    what = Incident(kind, amount, reason=reason)
    await store.incidents.add(order, what, waiter_id=cause.waiter_id, approved_by=cause.approved_by)


async def _reopened(
    store: VenueStore, identifiers: Identifiers, order: OrderRow, *, is_owed: bool
) -> OrderStatus:
    if not is_owed or order.status is not OrderStatus.FINALIZED:
        return order.status
    await keep_reference_unique(store, identifiers, order)
    return OrderStatus.READY


async def _set(
    store: VenueStore,
    order: OrderRow,
    status: OrderStatus,
    back: Amounts,
    credited: int,
    now: datetime,
) -> None:
    """Take `back` out of the order's sums; its total becomes smaller by `credited`."""
    columns = await _repriced(store, order, credited) if credited else {}
    await store.orders.change(
        order.id,
        now,
        status=status,
        paid_amount=order.paid_amount - back.paid,
        tips_amount=order.tips_amount - back.tips,
        **columns,
    )


async def _repriced(store: VenueStore, order: OrderRow, credited: int) -> dict[str, Any]:
    """The columns of an order whose bill becomes smaller: VAT of a tab, or derived from the menu, is shared
    anew; Dojo's content stays Dojo's.
    """
    refund = order.refund_amount + credited
    row = (await store.tabs.edit_context(order.id)).tab
    if row is None:
        derived = derived_of(await store.orders.derived(order.id))
        by_menu = {} if derived is None else {"sales": sales(derived_sums(derived, refund))}
        return {
            "refund_amount": refund,
            "total_amount": order.total_amount - credited,
            **by_menu,
        }
    tab = replace(await tab_rows.read_tab(row), refund=refund)
    customer = from_json(order.content).get("customer")
    return await worked_out(
        tab.pieces,
        lambda: tab_content.order_columns(tab, sums(tab), order.currency, customer),
    )
