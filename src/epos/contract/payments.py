"""Payments against orders."""

from epos.contract.base import Answer, AsStored, Id, Request
from epos.contract.money import Amount, Money


class Payment(Answer):
    """One payment on an order. `paidAmount` is without the tip, with any service charge."""

    paymentIntentId: str
    paidAmount: AsStored[Money]
    tipsAmount: AsStored[Money] | None = None


class PaymentInput(Request):
    """A payment inside CreateOrder; the page's own sample has no intent, so none is needed."""

    paymentIntentId: Id | None = None
    paidAmount: Amount
    tipsAmount: Amount | None = None


class PaymentWithLockId(Request):
    """A payment to record: the intent is what makes a retry safe, so here it is required."""

    paymentIntentId: Id
    paidAmount: Amount
    tipsAmount: Amount | None = None
    lockId: Id | None = None
