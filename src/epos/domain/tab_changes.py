"""What staff change on a tab: each function answers the changed tab, or refuses. The limits of a tab."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from epos.domain.errors import Conflict, Forbidden, InvalidRequest
from epos.domain.incidents import Incident, IncidentKind
from epos.domain.order_status import OrderStatus, may_follow
from epos.domain.tab import Discount, Line, SubItem, Tab, Void, the_other_way
from epos.domain.tab_splits import divide
from epos.domain.tab_sums import Sums

MOST_DISCOUNTS = 10
"""On one line."""
MOST_LINES = 1_000
"""Void ones included; far more than a venue sells to one table in a day."""
MOST_PIECES = 2_000
"""Lines, sub-items and modifiers together, as in an order of Dojo's."""
LARGEST_TAB = 10**12
"""Minor units, before and after discounts: the largest amount of the contract."""


def with_line(tab: Tab, line_id: str, *, quantity: int, note: str | None, cover: int | None) -> Tab:
    """Correct a line. Once it was sent to the kitchen, only its cover may change."""
    line = tab.live_line(line_id)
    if line.piece is not None and quantity != line.quantity:
        raise Conflict(f"This is a part of {line.name}, and has no quantity of its own")
    if line.sent_round is not None and (quantity, note) != (line.quantity, line.note):
        raise Conflict(f"{line.name} was sent to the kitchen; void it, or add another")
    return _replaced(tab, replace(line, quantity=quantity, note=note, cover=cover))


def with_void(
    tab: Tab, line_id: str, quantity: int | None, reason: str, new_id: Callable[[], str]
) -> Tab:
    """Void a line, or `quantity` of it; the voided part becomes a line of its own."""
    line = tab.live_line(line_id)
    if quantity is not None and not 0 < quantity <= line.quantity:
        raise InvalidRequest("quantity", f"of {line.name} must be from 1 to {line.quantity}")
    if quantity is not None and quantity < line.quantity:
        part_id = new_id()
        tab = divide(tab, line_id, quantity, part_id)
        line = tab.live_line(part_id)
    return _replaced(tab, replace(line, void=Void(reason)))


def with_takeaway(tab: Tab, line_ids: Collection[str] | None, *, takeaway: bool) -> Tab:
    """Say of these lines, or of all, whether the guests take them away. Raises as `live_line` does."""
    chosen = {line.id for line in tab.live_lines} if line_ids is None else set(line_ids)
    for line_id in chosen:
        tab.live_line(line_id)
    return tab.with_lines(
        the_other_way(line) if line.id in chosen and line.takeaway is not takeaway else line
        for line in tab.lines
    )


def with_sent_void(tab: Tab, reason: str) -> Tab:
    """Void every line that was sent to the kitchen: the tab is cancelled, and what was made is not sold."""
    return tab.with_lines(
        replace(line, void=Void(reason))
        if line.void is None and line.sent_round is not None
        else line
        for line in tab.lines
    )


def with_discount(tab: Tab, line_id: str | None, discount: Discount) -> Tab:
    """Add a discount to a line, or replace the order's discount."""
    if line_id is None:
        return tab.with_discount(discount)
    line = tab.live_line(line_id)
    if len(line.discounts) >= MOST_DISCOUNTS:
        raise Conflict(f"A line has at most {MOST_DISCOUNTS} discounts")
    return _replaced(tab, replace(line, discounts=(*line.discounts, discount)))


def without_discount(tab: Tab, line_id: str | None) -> Tab:
    """Remove the order's discount, or all discounts of a line."""
    there = tab.discount if line_id is None else tab.live_line(line_id).discounts
    if not there:
        raise Conflict("There is no discount to take away")
    if line_id is None:
        return tab.with_discount(None)
    return _replaced(tab, replace(tab.live_line(line_id), discounts=()))


def sent(tab: Tab, the_round: int) -> Tab:
    """Send all lines that were not sent yet to the kitchen, as one round."""
    if not any(line.sent_round is None for line in tab.live_lines):
        raise Conflict("There is nothing new to send to the kitchen")
    return tab.with_lines(
        replace(line, sent_round=the_round)
        if line.void is None and line.sent_round is None
        else line
        for line in tab.lines
    )


def status_when_sent(status: OrderStatus) -> OrderStatus:
    """A further round never moves the status back."""
    confirmed = OrderStatus.CONFIRMED
    return confirmed if may_follow(status, confirmed) else status


def check(tab: Tab, added: Sums, paid: int) -> None:
    """Raises Conflict for a tab that is too large, or whose total would be less than is paid."""
    if len(tab.lines) > MOST_LINES:
        raise Conflict(f"A tab has at most {MOST_LINES} lines, void ones included")
    if tab.pieces > MOST_PIECES:
        raise Conflict(
            f"A tab has at most {MOST_PIECES} lines, sub-items and modifiers, void ones included"
        )
    if max(added.total, sum(line.gross for line in tab.live_lines)) > LARGEST_TAB:
        raise Conflict(f"A tab comes to at most {LARGEST_TAB}")
    if added.total < paid:
        raise Conflict(
            f"The tab would come to {added.total}, and {paid} of it is paid; refund first"
        )


def check_approved(name: str, sent_round: int | None, approved_by: str | None) -> None:
    """Voiding what was sent to the kitchen needs a manager. Raises Forbidden without one."""
    if sent_round is not None and approved_by is None:
        raise Forbidden(f"{name} was sent to the kitchen: a manager must approve")


def check_reductions(
    lines: Iterable[Line], approved_by: str | None, *, before: Iterable[Line] = ()
) -> Incident | None:
    """What modifiers take off these lines beyond once for each item, more than of the lines `before`; its
    reason names the modifiers. Raises Forbidden without a manager's approval.
    """
    found = list(_reduced_again(lines))
    more = sum(one.amount for one in found) - sum(one.amount for one in _reduced_again(before))
    if more <= 0:
        return None
    if approved_by is None:
        raise Forbidden(
            f"{found[0].modifier} takes money off {found[0].thing} more than once: "
            "a manager must approve"
        )
    names = ", ".join(dict.fromkeys(one.modifier for one in found))
    return Incident(IncidentKind.DISCOUNT, more, reason=names)


@dataclass(frozen=True, slots=True)
class _Reduction:
    """A modifier by its name, the item that it takes `amount` off, and that once too often."""

    modifier: str
    thing: str
    amount: int


def _reduced_again(lines: Iterable[Line]) -> Iterator[_Reduction]:
    for line in lines:
        things: tuple[Line | SubItem, ...] = (line, *line.sub_items)
        for thing in things:
            count = line.quantity if thing is line else line.quantity * thing.quantity
            seen = set[str]()
            for modifier in thing.modifiers:
                if modifier.price >= 0:
                    continue
                more = modifier.quantity - (modifier.plu not in seen)
                seen.add(modifier.plu)
                if more:
                    yield _Reduction(modifier.name, thing.name, -modifier.price * more * count)


def status_by_money(status: OrderStatus, *, total: int, paid: int, finalizes: bool) -> OrderStatus:
    """A tab that is paid in full, by at least one payment, is finished.

    `finalizes`: whether the venue wants that; otherwise staff close tabs.
    """
    is_due = finalizes and 0 < paid == total
    return OrderStatus.FINALIZED if is_due else status


def _replaced(tab: Tab, new: Line) -> Tab:
    return tab.with_lines(new if line.id == new.id else line for line in tab.lines)
