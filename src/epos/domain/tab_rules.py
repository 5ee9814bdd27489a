"""What a change may make of a tab."""

from epos.domain.errors import Conflict, Forbidden
from epos.domain.order_status import OrderStatus
from epos.domain.tab import Tab
from epos.domain.tab_sums import Sums

MOST_LINES = 1_000
"""Void ones included: what a venue sells to one table in a day is far below it."""
LARGEST_TAB = 10**12
"""Minor units, before discounts and after them: what every amount of the contract must fit."""


def check(tab: Tab, added: Sums, paid: int) -> None:
    """Raises Conflict for a tab that is too much, or that comes to less than is paid of it."""
    if len(tab.lines) > MOST_LINES:
        raise Conflict(f"A tab has at most {MOST_LINES} lines, void ones included")
    if max(added.total, sum(line.gross for line in tab.live_lines)) > LARGEST_TAB:
        raise Conflict(f"A tab comes to at most {LARGEST_TAB}")
    if added.total < paid:
        raise Conflict(
            f"The tab would come to {added.total}, and {paid} of it is paid; refund first"
        )


def check_approved(name: str, sent_round: int | None, approved_by: str | None) -> None:
    """What the kitchen has made does not vanish on one person's word. Raises Forbidden for a line that
    it was told of, without a manager.
    """
    if sent_round is not None and approved_by is None:
        raise Forbidden(f"{name} has gone to the kitchen: a manager must approve")


def status_by_money(status: OrderStatus, *, total: int, paid: int, finalizes: bool) -> OrderStatus:
    """An open tab that something was paid for, and nothing is left of, is finished.

    `finalizes`: whether the venue wants that, or its staff close tabs themselves.
    """
    is_due = finalizes and 0 < paid == total
    return OrderStatus.FINALIZED if is_due else status
