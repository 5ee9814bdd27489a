"""What an order's lines, discounts and charges add to a bill, from the order as it is answered."""

from collections.abc import Iterable, Iterator
from typing import Any

from epos.domain.bill import Entry

Json = dict[str, Any]


def items(order: Json, marks: Iterable[str] = ()) -> Iterator[Entry]:
    """Each line with what it adds to the bill. Notes are for the kitchen.

    `marks` stand in front: one for each item, followed by those of its sub-items; none are needed.
    """
    mark = iter(marks)
    for item in order.get("items", ()):
        yield from _item(item, 1, 0, next(mark, ""))
        for sub_item in item.get("subItems", ()):
            yield from _item(sub_item, item["quantity"], 1, next(mark, ""))


def _item(item: Json, times: int, depth: int, mark: str) -> Iterator[Entry]:
    """An item, or a part of one that is there `times` times, and its modifiers.

    Quantities are of all together, so that quantity times price is the amount.
    """
    count, price = times * item["quantity"], item["amountPerItem"]
    is_included = depth > 0 and price["value"] == 0
    sold = None if is_included else count
    yield _entry(item["name"], price, sold, f"{mark}{count} x ", depth)
    for modifier in item.get("modifiers", ()):
        yield _modifier(modifier, count, depth + 1)


def _modifier(modifier: Json, times: int, depth: int) -> Entry:
    each, price = modifier["quantity"], modifier["amountPerModifier"]
    sold = times * each if price["value"] else None
    shown = each if sold is None else sold
    return _entry(modifier["name"], price, sold, "+ " if shown == 1 else f"+ {shown} x ", depth)


def _entry(name: str, price: Json, sold: int | None, lead: str, depth: int) -> Entry:
    """`sold` is None for what has no price of its own."""
    value = None if sold is None else price["value"] * sold
    return Entry(name, value, price["currencyCode"], lead, depth)


def sums(order: Json) -> Iterator[Entry]:
    """From what the lines come to, where they do, down to the total."""
    total = order["totalAmount"]
    deductions = [*_discounts(order), *_service_charge(order)]
    subtotal = sum(entry.value or 0 for entry in items(order))
    if deductions and subtotal + sum(entry.value or 0 for entry in deductions) == total["value"]:
        yield Entry("Subtotal", subtotal, total["currencyCode"])
    yield from deductions
    yield Entry("TOTAL", total["value"], total["currencyCode"])


def _discounts(order: Json) -> Iterator[Entry]:
    """Taken off, with whatever sign they were sent."""
    for discount in order.get("discounts", ()):
        amount = discount["amountTotal"]
        yield Entry(discount["name"], -abs(amount["value"]), amount["currencyCode"])


def _service_charge(order: Json) -> Iterator[Entry]:
    charge = order.get("serviceChargeAmount")
    if charge is not None and charge["value"]:
        yield Entry("Service charge", charge["value"], charge["currencyCode"])
