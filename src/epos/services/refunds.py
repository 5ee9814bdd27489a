"""Money that goes back, whoever says so: a part of a payment, or all of it.

The payment counts what is left. Either the guest owes the money again, or the bill becomes smaller by it:
a refund line, until staff say by a void or a discount what it was for. Call with the order locked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from epos.domain.identifiers import Identifiers
from epos.domain.incidents import Incident, IncidentKind
from epos.domain.order_status import OrderStatus
from epos.domain.payments import EFFECTIVE, PaymentStatus
from epos.domain.requester import Requester
from epos.services.ledger import keep_reference_unique
from epos.services.refunded_bill import RefundedBill
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

    @property
    def is_by_dojo(self) -> bool:
        return self.approved_by is None


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
    bill = RefundedBill(store, order)
    taken_off = await bill.take_off(credited)
    await _enter(store, identifiers, payment, part, credited, taken_off, cause)
    status = await _reopened(store, identifiers, order, is_owed=bool(part.paid) and owed_again)
    await _set(store, order, status, part, bill, cause.at)
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
    bill = RefundedBill(store, order)
    for payment in payments:
        if owed_again:
            taken_off = await bill.take_off(-await store.refunds.credited(payment.id))
        else:
            taken_off = await bill.take_off(payment.left_paid)
        await _end(store, identifiers, payment, status, taken_off, cause, owed_again=owed_again)
    back = Amounts(
        sum(payment.left_paid for payment in payments),
        sum(payment.left_tips for payment in payments),
    )
    reopened = await _reopened(store, identifiers, order, is_owed=owed_again)
    await _set(store, order, reopened, back, bill, cause.at)
    await _report(store, order, status, back.total, cause)


async def _end(
    store: VenueStore,
    identifiers: Identifiers,
    payment: LedgerEntry,
    status: PaymentStatus,
    taken_off: str | None,
    cause: Cause,
    *,
    owed_again: bool,
) -> None:
    """What was left of it went back; one that never was gives nothing back, but what was taken off the
    bill for it is on the bill again, and needs a paper that says so.
    """
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
    went_back = status is PaymentStatus.REFUNDED or cause.is_by_dojo
    if left.total and (went_back or taken_off is not None):
        credited = 0 if owed_again else left.paid
        await _enter(store, identifiers, payment, left, credited, taken_off, cause)


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
    taken_off: str | None,
    cause: Cause,
) -> None:
    await store.refunds.add(
        payment.id,
        part.total,
        part.tips,
        id=identifiers.new("rfd"),
        order_id=payment.order_id,
        credited=credited,
        taken_off=taken_off,
        at=cause.at,
        reason=cause.reason,
        waiter_id=cause.approved_by,
        event_id=cause.event_id,
    )


async def _report(
    store: VenueStore, order: OrderRow, status: PaymentStatus, amount: int, cause: Cause
) -> None:
    """What staff take back was entered by mistake; what Dojo takes back went back, however it ended."""
    is_canceled = status is PaymentStatus.CANCELED and not cause.is_by_dojo
    is_mistake = cause.is_correction or is_canceled
    kind = IncidentKind.CORRECT if is_mistake else IncidentKind.REFUND
    reason = f"{status} by Dojo" if cause.is_by_dojo else cause.reason
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
    bill: RefundedBill,
    now: datetime,
) -> None:
    """Take `back` out of the order's sums; its total becomes what the bill comes to."""
    columns, tab_columns = await bill.columns(), bill.tab_columns()
    if tab_columns:
        await store.tabs.change(order.id, **tab_columns)
    await store.orders.change(
        order.id,
        now,
        status=status,
        paid_amount=order.paid_amount - back.paid,
        tips_amount=order.tips_amount - back.tips,
        **columns,
    )
