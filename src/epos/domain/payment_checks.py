"""Compare a payment that was recorded here with Dojo's own record of it."""

from collections.abc import Collection
from dataclasses import dataclass

from epos.domain.payment_rules import CardPayment
from epos.domain.payments import IntentStatus

_STANDS = frozenset({IntentStatus.AUTHORIZED, IntentStatus.CAPTURED})
_ENDED = frozenset({IntentStatus.REVERSED, IntentStatus.CANCELED})
_OUR_ORDERS = "ord_"


@dataclass(frozen=True, slots=True)
class KnownPayment:
    """A payment in Dojo's record, in minor units. `paid` includes the service charge, not the tip."""

    status: str
    currency: str
    paid: int
    tips: int
    refunded: int | None = None
    order_id: str | None = None
    """The order's id at the EPOS, if Dojo knows it."""
    reference: str | None = None
    waiter_id: str | None = None
    """The waiter whom the payment's metadata names."""

    @property
    def is_refunded_in_full(self) -> bool:
        """Without an amount, the status decides."""
        if self.refunded is None:
            return self.status == IntentStatus.REFUNDED
        return self.refunded >= self.paid + self.tips

    @property
    def has_ended(self) -> bool:
        """Whether all the money went back. A payment with a partial refund stands."""
        return self.status in _ENDED or self.is_refunded_in_full

    @property
    def shows_refund(self) -> bool:
        """Whether the record shows the refund: Dojo's record may be older than its event."""
        return bool(self.refunded) or self.has_ended

    @property
    def stands(self) -> bool:
        return self.status in _STANDS or (
            self.status == IntentStatus.REFUNDED and not self.is_refunded_in_full
        )


def disagreement(
    known: KnownPayment, payment: CardPayment, order_ids: Collection[str]
) -> str | None:
    """What Dojo's record contradicts, or None. `order_ids`: every id that Dojo may have for the order."""
    if not known.stands:
        return f"Dojo has the payment as {known.status}"
    return sums_disagreement(known, payment, order_ids)


def sums_disagreement(
    known: KnownPayment, payment: CardPayment, order_ids: Collection[str]
) -> str | None:
    """The same, for a payment that may have ended since."""
    if known.currency != payment.currency:
        return f"Dojo has the payment in {known.currency}"
    if (known.paid, known.tips) != (payment.paid, payment.tips):
        return f"Dojo has a payment of {known.paid} and a tip of {known.tips}"
    return _of_another_order(known, order_ids)


def _of_another_order(known: KnownPayment, order_ids: Collection[str]) -> str | None:
    """The reference is free text: it counts only if it has the form of our ids."""
    named = {known.order_id, known.reference} - {None}
    if named & set(order_ids):
        return None
    foreign_reference = (known.reference or "").startswith(_OUR_ORDERS)
    if known.order_id is not None or foreign_reference:
        return "Dojo has the payment with another order"
    return None
