"""Receipts, credit notes and refund receipts: one series of numbers, and what each says."""

import re
from dataclasses import dataclass
from typing import Any

from tests.properties.day import edits
from tests.properties.day.days import DayChooser
from tests.properties.day.requests import TABS, Request
from tests.properties.day.world import Order, Refused, World

_NUMBER = re.compile(r"No\. (\d+)\s*$")
_SUM = re.compile(r"^ *(?:£ ?)?(-?[\d,]+)\.(\d\d)$")


def refund_receipt(world: World, uid: int) -> list[Order]:
    order = world.orders[uid]
    if not order.went_back:
        raise Refused(409, "nothing went back")
    return [order]


def wrong_receipt(world: World, uid: int, told: str) -> list[str]:
    """The same again is a copy of any earlier one."""
    order = world.orders[uid]
    mine = [number for number, kind in world.papers.get(uid, []) if kind == "receipt"]
    wrong = _wrong_number(world, uid, "receipt", told, mine)
    if order.tab is None or order.total:
        wrong += _unlike("total", amount_in(told, "TOTAL"), order.total)
    return wrong + _unlike("left to pay", amount_in(told, "Left to pay"), order.balance or None)


def wrong_refund_receipt(world: World, uid: int, told: str) -> list[str]:
    """All that went back since the last one; if nothing did, a copy of that."""
    order = world.orders[uid]
    new = order.went_back[order.on_paper :]
    notes = [number for number, kind in world.papers.get(uid, []) if kind == "refund"]
    wrong = _wrong_number(world, uid, "refund", told, [] if new else notes[-1:])
    if not new:
        return wrong
    order.on_paper = len(order.went_back)
    off = sum(off for _, off in new)
    return [
        *wrong,
        *_unlike("given back", amount_in(told, "Given back"), sum(back for back, _ in new)),
        *_unlike("taken off", amount_in(told, "Taken off the bill"), off if off > 0 else None),
        *_unlike("owed again", amount_in(told, "On the bill again"), -off if off < 0 else None),
    ]


def amount_in(text: str, name: str) -> int | None:
    """Of the line that begins with this name, in pence."""
    for line in text.splitlines():
        if line.startswith(name) and (found := _SUM.match(line.removeprefix(name))):
            return int(found[1].replace(",", "")) * 100 + int(found[2])
    return None


def _wrong_number(world: World, uid: int, kind: str, told: str, copies: list[int]) -> list[str]:
    """A copy has the number of the first; a new paper has the next of the venue."""
    found = _NUMBER.search(told)
    if found is None:
        return [f"no number: {told}"]
    number, is_copy = int(found[1]), "COPY" in told.splitlines()[0]
    if is_copy:
        return [] if number in copies else [f"a copy of {number}, known are {copies}"]
    wrong = _unlike("number", number, world.last_paper + 1)
    if kind == "refund" and copies:
        wrong.append(f"a new paper {number}, where {copies} says all")
    world.last_paper = number
    world.papers.setdefault(uid, []).append((number, kind))
    world.notes.papers.append(number)
    return wrong


def _unlike(name: str, theirs: Any, ours: Any) -> list[str]:
    return [] if theirs == ours else [f"{name}: the paper says {theirs}, expected {ours}"]


@dataclass
class PaperChooser(DayChooser):
    def paper(self) -> Request | None:
        """A receipt, or what went back."""
        order = self.order(wanted=lambda one: bool(one.payments))
        if order is None:
            return None
        uid, went_back = order.uid, self.chance(0.6)
        carried, wrong = (
            (refund_receipt, wrong_refund_receipt)
            if went_back
            else (edits.show_receipt, wrong_receipt)
        )
        return Request(
            "refund receipt" if went_back else "receipt",
            "till",
            "GET",
            f"{TABS}/{order.id}/{'refund-receipt' if went_back else 'receipt'}",
            None,
            lambda world: carried(world, uid),
            about=(uid,),
            wrong=lambda world, told: wrong(world, uid, str(told)),
        )
