"""A whole bill as plain text: what a terminal prints, the lines of the order included.

It is made from the answer alone, as a terminal makes it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from pydantic_core import from_json

from epos.contract.bills import Align, BillLineType, OrderBill
from epos.contract.codec import to_wire
from epos.domain.paper import WIDTH, WIDTHS, cells, centered, cleaned, right, wrapped
from epos.services.bill_items import Json, items, sums

Writer = Callable[[Json], Iterable[str]]
_SINGLE, _DOUBLE = "-" * WIDTH, "=" * WIDTH


def render(bill: OrderBill, marks: Iterable[str] = ()) -> str:
    """Lines of at most 32 terminal cells; every amount ends in the last one. `marks`: as in `items`."""
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
