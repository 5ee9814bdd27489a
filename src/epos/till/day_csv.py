"""A day's report as one table (RFC 4180): a row for each figure, the same columns in every row."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic_core import from_json

from epos.contract.codec import to_wire
from epos.till_contract.days import DayReport

COLUMNS = ("day", "currency", "section", "of", "vatRate", "figure", "value")
_LISTS = (
    ("categories", ("category",)),
    ("serviceCharge", ()),
    ("vat", ()),
    ("voids", ("category",)),
    ("takings", ("source", "method")),
    ("waiters", ("waiterId",)),
    ("endedPayments", ("paymentId",)),
    ("partialRefunds", ("paymentId",)),
    ("incidents", ("kind", "reference")),
)
"""The lists of a report, and the fields that say what an entry of one is of."""
_COUNTS = frozenset({"count", "orders", "covers", "payments", "ended", "zNumber", "first", "last"})
_CALCULATED = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a text begins with that a spreadsheet takes for a formula."""

Json = Mapping[str, Any]
Row = tuple[str, str, str, str, str]


def render(report: DayReport) -> str:
    """With a heading. Amounts have two decimals, rates are in percent."""
    wire = from_json(to_wire(report))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(wire):
        writer.writerow([wire["day"], wire["currency"], *row])
    return text.getvalue()


def _rows(wire: Json) -> Iterator[Row]:
    plain = {name: value for name, value in wire.items() if not isinstance(value, (list, dict))}
    del plain["day"], plain["currency"]
    yield from _figures("day", plain)
    for section, named_by in _LISTS:
        yield from _entries(section, named_by, wire[section])
    dojo, left = dict(wire["dojoOrders"]), wire["openOrders"]
    prices = dojo.pop("priceDifferences", {"differences": ()})
    yield from _entries("dojoVat", (), dojo.pop("vat"))
    yield from _figures("dojoOrders", dojo)
    yield from _entries("priceDifferences", ("reference", "plu"), prices["differences"])
    cash = dict(wire["cash"])
    drawers, movements = cash.pop("drawers", ()), cash.pop("movements", ())
    yield from _figures("cash", cash)
    yield from _drawers(drawers)
    yield from _entries("cashMovements", ("type", "drawer"), movements)
    yield from _figures("openOrders", {"count": left["count"]})
    yield from _entries("openOrders", ("id",), left["orders"])
    if "vouchers" in wire:
        yield from _figures("vouchers", wire["vouchers"])
    if "receipts" in wire:
        yield from _figures("receipts", wire["receipts"])
    yield from _figures("reconciliation", wire["reconciliation"])


def _drawers(drawers: Iterable[Json]) -> Iterator[Row]:
    """Write each drawer's figures, then a row for each figure of each of its Zs."""
    for drawer in drawers:
        own = {figure: value for figure, value in drawer.items() if figure != "zs"}
        yield from _entries("drawers", ("drawer",), [own])
        zs = [{"drawer": drawer["drawer"], **z} for z in drawer.get("zs", ())]
        yield from _entries("drawerZs", ("drawer", "zNumber"), zs)


def _entries(section: str, named_by: tuple[str, ...], entries: Iterable[Json]) -> Iterator[Row]:
    for entry in entries:
        name = " ".join(str(entry[field]) for field in named_by if field in entry)
        rest = {field: value for field, value in entry.items() if field not in named_by}
        rate = rest.pop("vatRate", None)
        yield from _figures(section, rest, name, "" if rate is None else decimal(rate))


def _figures(section: str, figures: Json, name: str = "", rate: str = "") -> Iterator[Row]:
    for figure, value in figures.items():
        yield section, harmless(name), rate, figure, _written(figure, value)


def _written(figure: str, value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value) if figure in _COUNTS else decimal(value)
        case _:
            return harmless(str(value))


def decimal(hundredths: int) -> str:
    whole, rest = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else ''}{whole}.{rest:02}"


def harmless(text: str) -> str:
    """What people wrote is a text, whatever it begins with."""
    return f"'{text}" if text.startswith(_CALCULATED) else text
