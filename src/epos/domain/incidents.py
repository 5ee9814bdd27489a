"""What the day's report lists one by one: what was taken off, given away, given back or opened again."""

from dataclasses import dataclass
from enum import StrEnum

from epos.domain.tab import Tab
from epos.domain.tab_shares import left_of, shares_of


class IncidentKind(StrEnum):
    VOID = "void"
    DISCOUNT = "discount"
    COMP = "comp"
    CANCEL = "cancel"
    REFUND = "refund"
    CORRECT = "correct"
    REOPEN = "reopen"
    BREAK_LOCK = "break-lock"
    AFTER_BILL = "after-bill"


@dataclass(frozen=True, slots=True)
class Incident:
    """`amount` in minor units: what was taken off or given back; of a reopened order its total, of a
    broken lock what was left to pay. `count`: how many items. `reason`: what staff wrote.
    """

    kind: IncidentKind
    amount: int
    count: int | None = None
    reason: str | None = None


def voided(before: Tab, after: Tab) -> tuple[int, int]:
    """The amount and the number of items of the lines that became void."""
    void_before = {line.id for line in before.lines if line.void is not None}
    parts = [
        part
        for line in after.lines
        if line.void is not None and line.id not in void_before
        for part in line.parts
    ]
    return sum(part.gross for part in parts), sum(part.count for part in parts)


def discounted(tab: Tab, line_id: str | None, reason: str) -> Incident:
    """The discount that `tab` has now got, on the line or (None) on the order: what it takes off. One that
    leaves nothing is a comp.
    """
    off = shares_of(tab).off
    mine = [line for line in tab.live_lines if line_id in (None, line.id)]
    place = -1 if line_id is None else -2
    amount = sum(sum(off[line.id][place]) for line in mine)
    left = sum(sum(left_of(line, off[line.id])) for line in mine)
    kind = IncidentKind.COMP if amount > 0 and left == 0 else IncidentKind.DISCOUNT
    return Incident(kind, amount, reason=reason)


def after_bill(shown: int | None, left: int, reason: str | None) -> Incident | None:
    """What was taken off after a guest saw the bill. `shown`: its total, less what was taken off since;
    `left`: what the tab comes to now.
    """
    if shown is None or left >= shown:
        return None
    return Incident(IncidentKind.AFTER_BILL, shown - left, reason=reason)
