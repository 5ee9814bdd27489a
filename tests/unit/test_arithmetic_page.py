"""The worked example of docs/arithmetic.md is what the till says, character by character."""

import itertools
from collections import Counter
from dataclasses import replace
from pathlib import Path

from epos.domain.bill import money, percentage
from epos.domain.tab import Discount, Line, Modifier, SubItem, Tab, Void
from epos.domain.tab_splits import split
from epos.domain.tab_sums import SaleKind, Sums, sums

PAGE = Path(__file__).resolve().parents[2] / "docs/arithmetic.md"
CHEESE = Modifier("C1", "cheese", 100)
MILK = SubItem("M1", "milk", 125, "Drinks", 0)
TENTH = Discount("Burger night", percentage=1_000)
TAB = Tab(
    lines=(
        Line("burgers", "B1", "Burger", 1_250, "Food", 2_000, 2, (CHEESE,), discounts=(TENTH,)),
        Line("wraps", "H1", "Hot wrap", 675, "Food", 2_000, 3, sub_items=(MILK,)),
        Line("wine", "W1", "House red", 750, "Drinks", 2_000, void=Void("corked")),
    ),
    discount=Discount("Voucher", amount=500),
    service_charge_rate=1_250,
)


IDS = map("piece-{}".format, itertools.count())
PARTS = split(TAB, {"burgers": 1, "wraps": 1}, IDS.__next__)


def example() -> str:
    columns = [rows(sums(tab)) for tab in (TAB, *PARTS)]
    width = max(map(len, columns[0]))
    head = row(" " * width, ["whole", "stays", "taken"])
    body = [row(name.ljust(width), [column[name] for column in columns]) for name in columns[0]]
    return "\n".join([head, *body])


def row(name: str, cells: list[str]) -> str:
    return name + "".join(cell.rjust(10) for cell in cells)


def rows(found: Sums) -> dict[str, str]:
    """What each row is called, and what it says."""
    amounts = Counter[str]()
    for item in found.sales:
        if item.kind is SaleKind.ITEM:
            amounts[f"{item.category} at {percentage(item.vat_rate or 0)}"] += item.amount
    for given in found.discounts:
        rate = "" if given.percentage is None else f", {percentage(given.percentage)}"
        amounts[given.name + rate] = -given.amount
    amounts["Service charge, 12.5%"] = found.service_charge
    amounts["Total"] = found.total
    for tax in found.taxes:
        amounts[f"with {percentage(tax.vat_rate)} VAT in it"] = tax.gross
        amounts[f"VAT at {percentage(tax.vat_rate)}"] = tax.vat
    return {name: money(amount, "GBP") for name, amount in amounts.items()}


def test_the_example_is_what_the_till_says() -> None:
    (block,) = PAGE.read_text(encoding="utf-8").split("```\n")[1::2]
    assert block == example() + "\n"


def test_parts_rounded_by_themselves_would_come_to_what_the_page_says() -> None:
    alone = [sums(replace(part, as_split=None)) for part in PARTS]
    total = money(sum(part.total for part in alone), "GBP")
    vat = money(sum(tax.vat for part in alone for tax in part.taxes), "GBP")
    assert f"come to {total} with {vat} of VAT" in " ".join(PAGE.read_text("utf-8").split())
