"""Payments of orders."""

from epos.contract.base import Answer, AsStored, Id, Request
from epos.contract.money import Amount, Money


class Payment(Answer):
    """One payment of an order."""

    paymentIntentId: str
    """Dojo's id of the payment intent. A payment without an intent (cash) has the EPOS's own id here."""
    paidAmount: AsStored[Money]
    """What was paid of the order's total, with any service charge, without the tip."""
    tipsAmount: AsStored[Money] | None = None
    """The tip. It is not part of `paidAmount`."""


# The reference page has a sample without an intent, so the id is optional here.
class PaymentInput(Request):
    """A payment that was made before the order was created."""

    paymentIntentId: Id | None = None
    """Dojo's id of the payment intent. Without it, no event can change this payment."""
    paidAmount: Amount
    """What was paid of the order's total, with any service charge, without the tip."""
    tipsAmount: Amount | None = None
    """The tip. It is not part of `paidAmount`."""


# The intent makes a retry safe, so it is required here.
class PaymentWithLockId(Request):
    """A payment to record for an order."""

    paymentIntentId: Id
    """Dojo's id of the payment intent. Sending the same payment again records it only once."""
    paidAmount: Amount
    """What was paid of the order's total, with any service charge, without the tip. More than 0."""
    tipsAmount: Amount | None = None
    """The tip. It is not part of `paidAmount`."""
    lockId: Id | None = None
    """The id of the lock under which the card was charged. Another live lock refuses the payment."""
