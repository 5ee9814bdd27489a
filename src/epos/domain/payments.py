"""What a payment intent has become, and what that does to the payment."""

from enum import StrEnum


class IntentStatus(StrEnum):
    """PaymentStatus of the EPOS Data API."""

    CREATED = "Created"
    AUTHORIZED = "Authorized"
    CAPTURED = "Captured"
    REVERSED = "Reversed"
    REFUNDED = "Refunded"
    CANCELED = "Canceled"


class PaymentStatus(StrEnum):
    """The ledger's own states; a payment counts while it is recorded or captured."""

    RECORDED = "recorded"
    CAPTURED = "captured"
    REVERSED = "reversed"
    REFUNDED = "refunded"
    CANCELED = "canceled"


class PaymentSource(StrEnum):
    DOJO = "dojo"
    CASH = "cash"
    OTHER = "other"


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
    """Whether `heard` moves the intent on: the higher rank wins, the first of the highest stays.

    So every permutation and repetition of the same events ends in the same state.
    """
    return current is None or _RANK[heard] > _RANK[current]


def is_dead(status: IntentStatus | None) -> bool:
    """Whether the money has gone back, or never came: Reversed, Refunded or Canceled."""
    return status is not None and _RANK[status] == _RANK[IntentStatus.REVERSED]
