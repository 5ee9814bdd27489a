"""Render a whole bill as plain text, as a terminal prints it.

Only the answered bill is read, as by a terminal.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic_core import from_json

from epos.contract.bills import Align, BillLineType, OrderBill
from epos.contract.codec import to_wire
from epos.domain.bill import Entry
from epos.domain.paper import WIDTH, WIDTHS, cells, centered, cleaned, right, wrapped

Json = dict[str, Any]
Writer = Callable[[Json], Iterable[str]]
_SINGLE, _DOUBLE = "-" * WIDTH, "=" * WIDTH


def render(bill: OrderBill, marks: Iterable[str] = ()) -> str:
    """Lines of at most 32 characters; every amount ends in the last one. `marks`: see `items`."""
    wire = from_json(to_wire(bill))
    printed = [
        *_section(wire["header"], _WRITERS),
        *(line for entry in items(wire["order"], marks) for line in entry.lines()),
        _SINGLE,
        *(line for entry in sums(wire["order"]) for line in entry.lines()),
        *_section(wire["footer"], _WRITERS),
        *_section(wire["header"], _LAST),
        *_section(wire["footer"], _LAST),
    ]
    return "".join(f"{line.rstrip()}\n" for line in printed)


# --- the order ------------------------------------------------------------------------------------


def items(order: Json, marks: Iterable[str] = ()) -> Iterator[Entry]:
    """Each line with its amount. Notes are for the kitchen and are left out.

    `marks` are printed in front of the lines: one for each item, then those of its sub-items.
    """
    mark = iter(marks)
    for item in order.get("items", ()):
        yield from _item(item, 1, 0, next(mark, ""))
        for sub_item in item.get("subItems", ()):
            yield from _item(sub_item, item["quantity"], 1, next(mark, ""))


def _item(item: Json, times: int, depth: int, mark: str) -> Iterator[Entry]:
    """An item, or a sub-item of `times` items, and its modifiers.

    The printed quantity is that of all together: quantity times price is the amount.
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
    """`sold` is None for a part without a price of its own."""
    value = None if sold is None else price["value"] * sold
    return Entry(name, value, price["currencyCode"], lead, depth)


def sums(order: Json) -> Iterator[Entry]:
    """Subtotal, discounts, service charge and total. No subtotal if it does not add up to the total."""
    total = order["totalAmount"]
    deductions = [*_discounts(order), *_service_charge(order)]
    subtotal = sum(entry.value or 0 for entry in items(order))
    if deductions and subtotal + sum(entry.value or 0 for entry in deductions) == total["value"]:
        yield Entry("Subtotal", subtotal, total["currencyCode"])
    yield from deductions
    yield Entry("TOTAL", total["value"], total["currencyCode"])


def _discounts(order: Json) -> Iterator[Entry]:
    """Discounts as negative amounts, whatever sign was sent."""
    for discount in order.get("discounts", ()):
        amount = discount["amountTotal"]
        yield Entry(discount["name"], -abs(amount["value"]), amount["currencyCode"])


def _service_charge(order: Json) -> Iterator[Entry]:
    charge = order.get("serviceChargeAmount")
    if charge is not None and charge["value"]:
        yield Entry("Service charge", charge["value"], charge["currencyCode"])


# --- the sections ---------------------------------------------------------------------------------


def _section(section: Json, writers: Mapping[str, Writer]) -> Iterator[str]:
    for line in section["lines"]:
        write = writers.get(line["lineType"])
        if write is not None:
            yield from write(line)


def _middle(*texts: str) -> list[str]:
    return [centered(part) for text in texts if text for part in wrapped(text, WIDTH)]


def _address(line: Json) -> list[str]:
    address = line["merchantAddress"]
    return _middle(*address["addressLines"], address["postcode"])


def _text(line: Json) -> list[str]:
    text = line["text"]
    value, width = text["value"], WIDTHS[text["size"]]
    is_clean = value.replace(" ", "") == cleaned(value).replace(" ", "")
    # What fits keeps its spaces: they are there to set amounts under one another.
    parts = [value] if is_clean and cells(value) <= width else wrapped(value, width)
    return [_ALIGNED[text.get("align", Align.Left)](part) for part in parts]


def _url(line: Json) -> list[str]:
    url = line["url"]
    return _middle(url.get("description", ""), url["url"])


def _rule(line: Json) -> list[str]:
    return [_DOUBLE if line["horizontalLine"].get("line") == "Double" else _SINGLE]


def _tax_number(line: Json) -> list[str]:
    tax = line["taxNumber"]
    return _middle(f"{tax['name']} No. {tax['number']}")


_ALIGNED: dict[str, Callable[[str], str]] = {
    Align.Left: str,
    Align.Center: centered,
    Align.Right: right,
}
# Pictures have no place in a text.
_WRITERS: dict[str, Writer] = {
    BillLineType.MerchantName: lambda line: _middle(line["merchantName"]["name"]),
    BillLineType.MerchantAddress: _address,
    BillLineType.MerchantPhoneNumber: lambda line: _middle(
        line["merchantPhoneNumber"]["phoneNumber"]
    ),
    BillLineType.MerchantEmailAddress: lambda line: _middle(
        line["merchantEmailAddress"]["emailAddress"]
    ),
    BillLineType.Text: _text,
    BillLineType.URL: _url,
    BillLineType.HorizontalLine: _rule,
}
_LAST: dict[str, Writer] = {BillLineType.TaxNumber: _tax_number}
