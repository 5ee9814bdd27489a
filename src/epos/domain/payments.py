"""The statuses of payment intents and of the ledger's payments."""

from enum import StrEnum


class IntentStatus(StrEnum):
    """How far a payment intent is at Dojo: the schema `PaymentStatus` of the EPOS Data API."""

    CREATED = "Created"
    AUTHORIZED = "Authorized"
    CAPTURED = "Captured"
    REVERSED = "Reversed"
    REFUNDED = "Refunded"
    CANCELED = "Canceled"


class PaymentStatus(StrEnum):
    """The status of a ledger row. A payment counts while it is recorded or captured."""

    RECORDED = "recorded"
    CAPTURED = "captured"
    REVERSED = "reversed"
    REFUNDED = "refunded"
    CANCELED = "canceled"


class PaymentSource(StrEnum):
    DOJO = "dojo"
    CASH = "cash"
    OTHER = "other"


DEPOSIT = "deposit"
"""The method of a payment that is a party's deposit, which Dojo took before they came."""

EFFECTIVE = frozenset({PaymentStatus.RECORDED, PaymentStatus.CAPTURED})

_RANK = {
    IntentStatus.CREATED: 0,
    IntentStatus.AUTHORIZED: 1,
    IntentStatus.CAPTURED: 2,
    IntentStatus.REVERSED: 3,
    IntentStatus.REFUNDED: 3,
    IntentStatus.CANCELED: 3,
}


def supersedes(current: IntentStatus | None, heard: IntentStatus) -> bool:
    """Whether the status in an event replaces the current one: a higher rank wins, of equal
    ranks the first.

    So the same events, in any order and repeated, always have the same result.
    """
    return current is None or _RANK[heard] > _RANK[current]


def is_dead(status: IntentStatus | None) -> bool:
    """Whether the money went back, or was never taken: Reversed, Refunded or Canceled."""
    return status is not None and _RANK[status] == _RANK[IntentStatus.REVERSED]
