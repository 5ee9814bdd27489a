"""The bookkeeper's journal of a day, as the notes say it: debits are more than 0, and all is 0 together."""

from collections import Counter
from datetime import date
from typing import Any

from tests.properties.day.books import DayNotes

Json = dict[str, Any]


def accounts_of(notes: DayNotes) -> Counter[str]:
    found = Counter[str]()
    _sales(found, notes)
    _takings(found, notes)
    _cash(found, notes)
    found["guests-owe"] = notes.total - notes.paid
    assert not sum(found.values()), found
    return Counter({name: amount for name, amount in found.items() if amount})


def _sales(found: Counter[str], notes: DayNotes) -> None:
    for (kind, _, rate), amount in notes.sales.items():
        by_rate = "sales-untaxed" if rate is None else f"sales-{rate // 100}"
        if kind in ("item", "discount", "refund"):
            found[by_rate] -= amount
        elif kind == "service_charge":
            found["service-charge" if rate is None else by_rate] -= amount
        elif kind == "order":
            found["sales-dojo"] -= amount
        elif kind in ("vat", "order_vat", "derived_vat"):
            found["vat-output"] -= amount
            found[by_rate if kind == "vat" else "sales-dojo"] += amount


def _takings(found: Counter[str], notes: DayNotes) -> None:
    redeemed = notes.vouchers["redeemed"]
    for (source, method), way in notes.ways.items():
        tips = way["tips"] - way["tips_back"]
        name = {"dojo": "card", "cash": "cash", "other": f"other-{method}"}[source]
        found["deposits-payable" if method == "deposit" else name] += (
            way["paid"] - way["paid_back"] + tips
        )
        found["tips-payable"] -= tips
    found["other-voucher"] -= redeemed
    found["vouchers-payable"] += redeemed


def _cash(found: Counter[str], notes: DayNotes) -> None:
    for drawer in notes.drawers.values():
        for kind, account, sign in (
            ("paid_in", "cash-paid-in", 1),
            ("paid_out", "cash-paid-out", -1),
            ("to_safe", "safe", -1),
        ):
            found["cash"] += sign * drawer[kind]
            found[account] -= sign * drawer[kind]
    found["cash"] += notes.cash_over
    found["cash-over-short"] -= notes.cash_over
    found["vouchers-payable"] -= notes.vouchers["sold"]
    found["cash-paid-in"] += notes.vouchers["sold for cash"]
    found["other-card machine"] += notes.vouchers["sold"] - notes.vouchers["sold for cash"]


def told_accounts(told: Json) -> dict[date, Counter[str]]:
    """By day, debits less credits."""
    found: dict[date, Counter[str]] = {}
    for line in told["lines"]:
        accounts = found.setdefault(date.fromisoformat(line["day"]), Counter())
        accounts[line["name"]] += line["debit"] - line["credit"]
    return found
