"""The status of an order and its transitions. The names are those of the EPOS Data API."""

from enum import StrEnum


class OrderOrigin(StrEnum):
    """Who created the order: a till (then it is a tab) or Dojo."""

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
    """Whether the status may change from `current` to `following`.

    Forward steps may be skipped. An order that is not closed may be canceled or fail. The one step back,
    Finalized to Ready, is taken when a payment ends or a manager reopens the order.
    """
    if current is OrderStatus.FINALIZED:
        return following is OrderStatus.READY
    if current in CLOSED:
        return False
    if following in (OrderStatus.CANCELED, OrderStatus.FAILED):
        return True
    return _FORWARD.index(following) > _FORWARD.index(current)


def further_on(one: OrderStatus, other: OrderStatus) -> OrderStatus:
    """The later status of two that are neither Canceled nor Failed."""
    return max(one, other, key=_FORWARD.index)


def is_open(status: OrderStatus) -> bool:
    """Whether the order can still change: not Finalized, Canceled or Failed."""
    return status not in CLOSED


def is_payable(status: OrderStatus, *, balance: int, held_by_till: bool = False) -> bool:
    """Whether a terminal may take money for the order. `balance` is in minor units.

    A Dojo lock does not make an order unpayable: Dojo locks an order in order to pay it.
    """
    return is_open(status) and balance > 0 and not held_by_till
