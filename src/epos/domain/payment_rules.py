"""What may be recorded against an order, and in which order the reasons count.

A refusal is final: Dojo gives the money back when it hears one, so the same payment must never fit
later. A request that is wrong by itself is InvalidRequest and is not remembered.
"""

from dataclasses import dataclass

from epos.domain.errors import InvalidRequest
from epos.domain.order_status import OrderStatus, is_open
from epos.domain.payments import EFFECTIVE, IntentStatus, PaymentStatus, is_dead


@dataclass(frozen=True, slots=True)
class Payment:
    """A card payment that Dojo asks us to record; amounts in minor units, the tip on top."""

    paid: int
    tips: int
    currency: str
    tips_currency: str
    lock_id: str | None


@dataclass(frozen=True, slots=True)
class Bill:
    """What the payment meets: the order's state and who holds it."""

    status: OrderStatus
    currency: str
    total: int
    paid: int
    live_lock_id: str | None
    """The live Dojo lock; a till's hold never refuses a payment."""

    @property
    def balance(self) -> int:
        return self.total - self.paid


def refusal(payment: Payment, bill: Bill, intent: IntentStatus | None) -> str | None:
    """Why the payment cannot be recorded, or None. Raises InvalidRequest for amounts that no bill
    could have.
    """
    reason = _refused_by_state(payment, bill, intent)
    if reason is not None:
        return reason
    _check_amounts(payment)
    if payment.currency != bill.currency:
        return f"The order is in {bill.currency}, the payment in {payment.currency}"
    return too_much(payment.paid, bill.balance)


def too_much(paid: int, balance: int) -> str | None:
    """Why so much cannot be paid of what is left, at a terminal or at the till, or None."""
    if paid > balance:
        return f"The payment of {paid} is more than the {balance} that is left to pay"
    return None


def _refused_by_state(payment: Payment, bill: Bill, intent: IntentStatus | None) -> str | None:
    if is_dead(intent):
        return f"The payment intent is {intent}"
    if not is_open(bill.status):
        return f"The order is {bill.status}"
    held = bill.live_lock_id
    if payment.lock_id is not None and held is not None and payment.lock_id != held:
        return "The order is locked under another lockId"
    return None


def _check_amounts(payment: Payment) -> None:
    if payment.paid <= 0:
        raise InvalidRequest("paidAmount.value", "must be more than 0")
    if payment.tips < 0:
        raise InvalidRequest("tipsAmount.value", "must not be negative")
    if payment.tips_currency != payment.currency:
        raise InvalidRequest("tipsAmount.currencyCode", "must be the currency of paidAmount")


def initial_status(intent: IntentStatus | None) -> PaymentStatus:
    """The status of a new ledger row: the capture may have been heard of before the payment."""
    return PaymentStatus.CAPTURED if intent is IntentStatus.CAPTURED else PaymentStatus.RECORDED


_ENDED = {
    IntentStatus.REVERSED: PaymentStatus.REVERSED,
    IntentStatus.REFUNDED: PaymentStatus.REFUNDED,
    IntentStatus.CANCELED: PaymentStatus.CANCELED,
}


def status_after(current: PaymentStatus, heard: IntentStatus) -> PaymentStatus | None:
    """What a ledger row becomes when its intent moves on; None if nothing changes.

    An ended payment never counts again, whatever is heard.
    """
    if current not in EFFECTIVE:
        return None
    if heard in _ENDED:
        return _ENDED[heard]
    if heard is IntentStatus.CAPTURED and current is PaymentStatus.RECORDED:
        return PaymentStatus.CAPTURED
    return None
