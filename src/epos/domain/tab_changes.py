"""What staff change on a tab: each function gives the tab as it is afterwards, or refuses."""

from collections.abc import Callable
from dataclasses import replace

from epos.domain.errors import Conflict, InvalidRequest
from epos.domain.order_status import OrderStatus, may_follow
from epos.domain.tab import Discount, Line, Tab, Void
from epos.domain.tab_splits import divide

MOST_DISCOUNTS = 10
"""On one line."""


def with_line(tab: Tab, line_id: str, *, quantity: int, note: str | None, cover: int | None) -> Tab:
    """A line put right. What the kitchen has been told stays; whose it is may still change."""
    line = tab.live_line(line_id)
    if line.sent_round is not None and (quantity, note) != (line.quantity, line.note):
        raise Conflict(f"{line.name} has gone to the kitchen; void it, or add another")
    return _replaced(tab, replace(line, quantity=quantity, note=note, cover=cover))


def with_void(
    tab: Tab, line_id: str, quantity: int | None, reason: str, new_id: Callable[[], str]
) -> Tab:
    """A line that counts no more, or so many of it: those stand as a line of their own."""
    line = tab.live_line(line_id)
    if quantity is not None and not 0 < quantity <= line.quantity:
        raise InvalidRequest("quantity", f"of {line.name} must be from 1 to {line.quantity}")
    if quantity is not None and quantity < line.quantity:
        part_id = new_id()
        tab = divide(tab, line_id, quantity, part_id)
        line = tab.live_line(part_id)
    return _replaced(tab, replace(line, void=Void(reason)))


def with_discount(tab: Tab, line_id: str | None, discount: Discount) -> Tab:
    """One more on a line, or the order's, which takes the place of the one before."""
    if line_id is None:
        return tab.with_discount(discount)
    line = tab.live_line(line_id)
    if len(line.discounts) >= MOST_DISCOUNTS:
        raise Conflict(f"A line has at most {MOST_DISCOUNTS} discounts")
    return _replaced(tab, replace(line, discounts=(*line.discounts, discount)))


def without_discount(tab: Tab, line_id: str | None) -> Tab:
    """Without the order's discount, or without any of a line's."""
    there = tab.discount if line_id is None else tab.live_line(line_id).discounts
    if not there:
        raise Conflict("There is no discount to take away")
    if line_id is None:
        return tab.with_discount(None)
    return _replaced(tab, replace(tab.live_line(line_id), discounts=()))


def sent(tab: Tab, the_round: int) -> Tab:
    """All that the kitchen has not been told yet goes there as one round."""
    if not any(line.sent_round is None for line in tab.live_lines):
        raise Conflict("There is nothing that the kitchen has not been told")
    return tab.with_lines(
        replace(line, sent_round=the_round)
        if line.void is None and line.sent_round is None
        else line
        for line in tab.lines
    )


def status_when_sent(status: OrderStatus) -> OrderStatus:
    """A further round takes nothing back that the first has reached."""
    confirmed = OrderStatus.CONFIRMED
    return confirmed if may_follow(status, confirmed) else status


def _replaced(tab: Tab, new: Line) -> Tab:
    return tab.with_lines(new if line.id == new.id else line for line in tab.lines)
