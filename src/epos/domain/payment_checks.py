"""A payment as it was recorded here, beside Dojo's own record of it."""

from collections.abc import Collection
from dataclasses import dataclass

from epos.domain.payment_rules import Payment
from epos.domain.payments import IntentStatus

_STANDS = frozenset({IntentStatus.AUTHORIZED, IntentStatus.CAPTURED})
_ENDED = frozenset({IntentStatus.REVERSED, IntentStatus.CANCELED})
_OUR_ORDERS = "ord_"


@dataclass(frozen=True, slots=True)
class KnownPayment:
    """What Dojo says; amounts in minor units, `paid` with the service charge and without the tip."""

    status: str
    currency: str
    paid: int
    tips: int
    refunded: int | None = None
    order_id: str | None = None
    """The order's id at the EPOS, if Dojo was told."""
    reference: str | None = None

    @property
    def is_refunded_in_full(self) -> bool:
        """Without an amount, the word alone counts."""
        if self.refunded is None:
            return self.status == IntentStatus.REFUNDED
        return self.refunded >= self.paid + self.tips

    @property
    def has_ended(self) -> bool:
        """The money went back, all of it. A payment that was refunded in part stands."""
        return self.status in _ENDED or self.is_refunded_in_full

    @property
    def shows_refund(self) -> bool:
        """Whether this is an answer to how much went back: Dojo's record may be behind its own event."""
        return bool(self.refunded) or self.has_ended

    @property
    def stands(self) -> bool:
        return self.status in _STANDS or (
            self.status == IntentStatus.REFUNDED and not self.is_refunded_in_full
        )


def disagreement(known: KnownPayment, payment: Payment, order_ids: Collection[str]) -> str | None:
    """What Dojo's record contradicts, or None. `order_ids`: every id that Dojo may know the order by."""
    if not known.stands:
        return f"Dojo has the payment as {known.status}"
    return sums_disagreement(known, payment, order_ids)


def sums_disagreement(
    known: KnownPayment, payment: Payment, order_ids: Collection[str]
) -> str | None:
    """The same, of a payment that may have ended since it was made."""
    if known.currency != payment.currency:
        return f"Dojo has the payment in {known.currency}"
    if (known.paid, known.tips) != (payment.paid, payment.tips):
        return f"Dojo has a payment of {known.paid} and a tip of {known.tips}"
    return _of_another_order(known, order_ids)


def _of_another_order(known: KnownPayment, order_ids: Collection[str]) -> str | None:
    """The reference is free text, so only one that has the form of our ids says anything."""
    named = {known.order_id, known.reference} - {None}
    if named & set(order_ids):
        return None
    foreign_reference = (known.reference or "").startswith(_OUR_ORDERS)
    if known.order_id is not None or foreign_reference:
        return "Dojo has the payment with another order"
    return None
