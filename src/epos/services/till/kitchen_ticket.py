"""The kitchen's ticket of a round: what to make, and what has been voided since."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import from_json

from epos.contract.orders import OrderType
from epos.domain.errors import Conflict, NotFound
from epos.domain.kitchen import WIDTH, Dish, Extra, hung
from epos.domain.order_status import OrderOrigin, OrderStatus
from epos.domain.paper import centered, wrapped
from epos.domain.tab import Line, Modifier
from epos.services.till import tab_rows
from epos.store import tabs as rows
from epos.store.statements import Record
from epos.store.venues import BillProfile

Json = dict[str, Any]
_RULE, _END = "-" * WIDTH, "=" * WIDTH
_STOP = {
    OrderStatus.SUBMITTED: "NOT ACCEPTED YET",
    OrderStatus.CANCELED: "CANCELED",
    OrderStatus.FAILED: "FAILED",
}
"""Above what is not to be made, or not yet."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round of an order: `number` is None for Dojo's, which have but one."""

    number: int | None
    at: datetime
    dishes: Sequence[Dish]
    voids: Sequence[Dish]


def round_of(row: Record, wanted: int | None) -> Round:
    """The wanted round of a tab, the last one unless another is named; all of an order of Dojo's.

    Raises Conflict for a tab of which the kitchen knows nothing yet, NotFound for another round.
    """
    if row["origin"] == OrderOrigin.DOJO:
        if wanted not in (None, 1):
            raise NotFound("The round")
        items = from_json(row["dojo_content"])["items"]
        return Round(None, row["created_at"], [_dojo_dish(item) for item in items], [])
    sent = [line for line in tab_rows.lines_of(row) if line["sent_round"] is not None]
    if not sent:
        raise Conflict("Nothing of the tab has been sent to the kitchen")
    number = max(line["sent_round"] for line in sent) if wanted is None else wanted
    ours = [line for line in sent if line["sent_round"] == number]
    if not ours:
        raise NotFound("The round")
    at = min(_time(line["sent_at"]) for line in ours)
    voids = [line for line in sent if line["sent_round"] <= number and _is_void_since(line, at)]
    made = [line for line in ours if line["void_reason"] is None]
    return Round(number, at, list(map(_dish, made)), list(map(_dish, voids)))


def render(row: Record, profile: BillProfile, the_round: Round, guest_requests: str | None) -> str:
    """Lines of at most 24 terminal cells. `row` is the order as staff see it."""
    wishes = "\n".join(text for text in (row["note"], guest_requests) if text)
    printed = [
        *_heading(row, the_round),
        *_facts(row, profile, the_round),
        *(line for wish in wishes.splitlines() for line in hung("! ", wish)),
        _RULE,
        *(line for dish in the_round.dishes for line in dish.lines()),
        *_voids(the_round.voids),
        _END,
    ]
    return "".join(f"{line.rstrip()}\n" for line in printed)


# --- above ----------------------------------------------------------------------------------------


def _heading(row: Record, the_round: Round) -> Iterator[str]:
    stop = _STOP.get(row["status"])
    collected = "Collection" if row["order_type"] == OrderType.Collection else row["display_name"]
    number = None if the_round.number is None else f"Round {the_round.number}"
    for text in (stop, row["table_name"] or collected, number):
        if text:
            yield from map(_middle, wrapped(text, WIDTH))
    yield _RULE


def _middle(text: str) -> str:
    return centered(text, WIDTH)


def _facts(row: Record, profile: BillProfile, the_round: Round) -> Iterator[str]:
    zone = ZoneInfo(profile.time_zone)
    facts = (
        ("Covers", profile.covers),
        ("For", row["customer_name"]),
        ("Waiter", profile.waiter_name or row["waiter_id"]),
        ("Order", row["reference"]),
        ("Sent", f"{the_round.at.astimezone(zone):%d %b %H:%M}"),
        ("Due", _local(row["collect_at"] or row["ready_at"], zone)),
    )
    for name, fact in facts:
        if fact is not None:
            yield from hung(f"{name}: ", str(fact))


def _local(due: datetime | None, zone: ZoneInfo) -> str | None:
    """None also for the first and last day of the calendar, which have no local time everywhere."""
    with contextlib.suppress(OverflowError):
        return None if due is None else f"{due.astimezone(zone):%d %b %H:%M}"
    return None


# --- what to make ---------------------------------------------------------------------------------


def _voids(voids: Iterable[Dish]) -> Iterator[str]:
    lines = [line for dish in voids for line in dish.lines()]
    if lines:
        yield from (_END, _middle("VOID"), *lines)


def _dish(row: rows.Line) -> Dish:
    """With the reason, where it is void, in place of the note."""
    line = tab_rows.line(row)
    return Dish(
        line.quantity,
        line.name,
        _extras(line.modifiers),
        tuple(_parts(line)),
        line.note if line.void is None else line.void.reason,
        line.cover,
    )


def _parts(line: Line) -> Iterator[Dish]:
    for item in line.sub_items:
        count = line.quantity * item.quantity
        yield Dish(count, item.name, _extras(item.modifiers), note=item.note)


def _extras(modifiers: Iterable[Modifier]) -> tuple[Extra, ...]:
    return tuple(Extra(modifier.quantity, modifier.name) for modifier in modifiers)


def _dojo_dish(item: Json, times: int = 1) -> Dish:
    count = times * item["quantity"]
    return Dish(
        count,
        item["name"],
        tuple(Extra(one["quantity"], one["name"]) for one in item.get("modifiers", ())),
        tuple(_dojo_dish(part, count) for part in item.get("subItems", ())),
        item.get("note"),
    )


def _is_void_since(line: rows.Line, at: datetime) -> bool:
    return line["void_reason"] is not None and _time(line["voided_at"]) >= at


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
