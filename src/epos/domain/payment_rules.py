"""Which payments may be recorded against an order, and which reason for a refusal comes first.

A refusal is final: Dojo gives the money back, so the same payment must never be recorded later. A
request that is wrong, whatever the state, is InvalidRequest and is not kept.
"""

from dataclasses import dataclass

from epos.domain.errors import InvalidRequest
from epos.domain.order_status import OrderStatus, is_open
from epos.domain.payments import EFFECTIVE, IntentStatus, PaymentStatus, is_dead


@dataclass(frozen=True, slots=True)
class CardPayment:
    """A card payment to record. Amounts in minor units; the tip is not part of `paid`."""

    paid: int
    tips: int
    currency: str
    tips_currency: str
    lock_id: str | None


@dataclass(frozen=True, slots=True)
class OrderToPay:
    """The order that the payment is for."""

    status: OrderStatus
    currency: str
    total: int
    paid: int
    live_lock_id: str | None
    """The live Dojo lock; a till's hold never refuses a payment."""

    @property
    def balance(self) -> int:
        return self.total - self.paid


def refusal(payment: CardPayment, order: OrderToPay, intent: IntentStatus | None) -> str | None:
    """Why the payment cannot be recorded, or None. Raises InvalidRequest for impossible amounts."""
    reason = _refused_by_state(payment, order, intent)
    if reason is not None:
        return reason
    _check_amounts(payment)
    if payment.currency != order.currency:
        return f"The order is in {order.currency}, the payment in {payment.currency}"
    return too_much(payment.paid, order.balance)


def too_much(paid: int, balance: int) -> str | None:
    """Why the amount cannot be paid, at a terminal or at the till, or None."""
    if paid > balance:
        return f"The payment of {paid} is more than the {balance} that is left to pay"
    return None


def _refused_by_state(
    payment: CardPayment, order: OrderToPay, intent: IntentStatus | None
) -> str | None:
    if is_dead(intent):
        return f"The payment intent is {intent}"
    if not is_open(order.status):
        return f"The order is {order.status}"
    lock_id = order.live_lock_id
    if payment.lock_id is not None and lock_id is not None and payment.lock_id != lock_id:
        return "The order is locked under another lockId"
    return None


def _check_amounts(payment: CardPayment) -> None:
    if payment.paid <= 0:
        raise InvalidRequest("paidAmount.value", "must be more than 0")
    if payment.tips < 0:
        raise InvalidRequest("tipsAmount.value", "must not be negative")
    if payment.tips_currency != payment.currency:
        raise InvalidRequest("tipsAmount.currencyCode", "must be the currency of paidAmount")


def initial_status(intent: IntentStatus | None) -> PaymentStatus:
    """The status of a new ledger row: the event of the capture may arrive before the payment."""
    return PaymentStatus.CAPTURED if intent is IntentStatus.CAPTURED else PaymentStatus.RECORDED


_ENDED = {
    IntentStatus.REVERSED: PaymentStatus.REVERSED,
    IntentStatus.REFUNDED: PaymentStatus.REFUNDED,
    IntentStatus.CANCELED: PaymentStatus.CANCELED,
}


def status_after(current: PaymentStatus, heard: IntentStatus) -> PaymentStatus | None:
    """The new status of a ledger row when its intent changes; None if it stays.

    A payment that has ended never counts again, whatever event arrives.
    """
    if current not in EFFECTIVE:
        return None
    if heard in _ENDED:
        return _ENDED[heard]
    if heard is IntentStatus.CAPTURED and current is PaymentStatus.RECORDED:
        return PaymentStatus.CAPTURED
    return None
