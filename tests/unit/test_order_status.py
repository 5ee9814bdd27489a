"""The order's life. `test_docs` compares the code with the diagram in docs/orders.md; here it is told
once more, as a table for every pair, so that neither can be wrong with the other.
"""

import itertools

import pytest

from epos.domain.order_status import CLOSED, OrderStatus, is_open, is_payable, may_follow

# What may follow each status, as one would tell it to a colleague.
FOLLOWING = {
    "New": "Submitted Confirmed Accepted Preparing Prepared Ready Finalized Canceled Failed",
    "Submitted": "Confirmed Accepted Preparing Prepared Ready Finalized Canceled Failed",
    "Confirmed": "Accepted Preparing Prepared Ready Finalized Canceled Failed",
    "Accepted": "Preparing Prepared Ready Finalized Canceled Failed",
    "Preparing": "Prepared Ready Finalized Canceled Failed",
    "Prepared": "Ready Finalized Canceled Failed",
    "Ready": "Finalized Canceled Failed",
    "Finalized": "Ready",
    "Canceled": "",
    "Failed": "",
}


def test_the_table_names_every_status() -> None:
    assert list(FOLLOWING) == [str(status) for status in OrderStatus]


@pytest.mark.parametrize(
    ("current", "following"), list(itertools.product(OrderStatus, OrderStatus)), ids=str
)
def test_every_pair(current: OrderStatus, following: OrderStatus) -> None:
    assert may_follow(current, following) == (following in FOLLOWING[current].split())


def test_closed_is_what_takes_no_changes() -> None:
    assert {"Finalized", "Canceled", "Failed"} == CLOSED
    assert all(is_open(status) == (status not in CLOSED) for status in OrderStatus)


def test_canceled_and_failed_are_for_ever() -> None:
    ends = {one for one in OrderStatus if not any(may_follow(one, other) for other in OrderStatus)}
    assert ends == {OrderStatus.CANCELED, OrderStatus.FAILED}


@pytest.mark.parametrize("status", OrderStatus)
@pytest.mark.parametrize("balance", [-1, 0, 1, 10_000])
@pytest.mark.parametrize("held_by_till", [True, False])
def test_payable(status: OrderStatus, balance: int, held_by_till: bool) -> None:
    payable = is_payable(status, balance=balance, held_by_till=held_by_till)
    assert payable == (status not in CLOSED and balance > 0 and not held_by_till)
