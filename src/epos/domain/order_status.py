"""The order's status machine. Source of the names: OrderStatus of the EPOS Data API."""

from enum import StrEnum


class OrderOrigin(StrEnum):
    """Who opened it: a till, whose tab it is, or Dojo."""

    DOJO = "dojo"
    TILL = "till"


class OrderStatus(StrEnum):
    NEW = "New"
    SUBMITTED = "Submitted"
    CONFIRMED = "Confirmed"
    ACCEPTED = "Accepted"
    PREPARING = "Preparing"
    PREPARED = "Prepared"
    READY = "Ready"
    FINALIZED = "Finalized"
    CANCELED = "Canceled"
    FAILED = "Failed"


_FORWARD = (
    OrderStatus.NEW,
    OrderStatus.SUBMITTED,
    OrderStatus.CONFIRMED,
    OrderStatus.ACCEPTED,
    OrderStatus.PREPARING,
    OrderStatus.PREPARED,
    OrderStatus.READY,
    OrderStatus.FINALIZED,
)
CLOSED = frozenset({OrderStatus.FINALIZED, OrderStatus.CANCELED, OrderStatus.FAILED})


def may_follow(current: OrderStatus, following: OrderStatus) -> bool:
    """Whether `following` may come after `current`.

    Steps forward may be skipped; whatever is not closed may be canceled or fail. The one edge back,
    Finalized to Ready, is taken when a payment that counted ends or a manager reopens.
    """
    if current is OrderStatus.FINALIZED:
        return following is OrderStatus.READY
    if current in CLOSED:
        return False
    if following in (OrderStatus.CANCELED, OrderStatus.FAILED):
        return True
    return _FORWARD.index(following) > _FORWARD.index(current)


def further_on(one: OrderStatus, other: OrderStatus) -> OrderStatus:
    """Of two that are not cancelled and have not failed."""
    return max(one, other, key=_FORWARD.index)


def is_open(status: OrderStatus) -> bool:
    """Whether the order can still change: not Finalized, Canceled or Failed."""
    return status not in CLOSED


def is_payable(status: OrderStatus, *, balance: int, held_by_till: bool = False) -> bool:
    """Whether a terminal may take money for the order. `balance` is in minor units.

    A Dojo lock does not make an order unpayable: the lock's answer is the order that is then paid.
    """
    return is_open(status) and balance > 0 and not held_by_till
