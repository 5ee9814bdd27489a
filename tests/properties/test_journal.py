"""A long random history: the bookkeeper's journal balances on every day, and each of its accounts is what
the day's report and the vouchers themselves say.

What is sold and not paid is the account that takes up the rest, so that debits are always credits; here it
is compared with what the orders owe. The walk itself compares each account with the model of the days.
"""

from collections import Counter
from random import Random
from typing import Any

import pytest

from epos.store.database import Database
from tests.properties.day.journal import told_accounts
from tests.properties.walks import start
from tests.support.days import DAYS, check_books
from tests.support.venues import Venue

_STEPS = 700
_FEWEST_DAYS = 4


def _check_day(lines: Counter[str], told: dict[str, Any]) -> None:
    """Each account of the day's lines is what the day's report says by itself."""
    books, cash, vouchers = told["reconciliation"], told["cash"], told["vouchers"]
    assert sum(lines.values()) == 0
    assert lines["guests-owe"] == books["owedAtEnd"] - books["owedAtStart"]
    in_drawers = cash["takings"] + cash["paidIn"] - cash["paidOut"] - cash["toSafe"]
    assert lines["cash"] + lines["cash-over-short"] == in_drawers
    if "difference" in cash:
        assert -lines["cash-over-short"] == cash["difference"]
    assert -lines["vouchers-payable"] == vouchers["sold"] - vouchers["redeemed"]
    totals = Counter({way.get("method", way["source"]): way["total"] for way in told["takings"]})
    assert lines["deposits-payable"] == totals["deposit"]
    assert lines["card"] == totals["dojo"]
    vat = [*told["vat"], *told["dojoOrders"]["vat"]]
    assert -lines["vat-output"] == sum(tax["vat"] for tax in vat)
    tips = sum(way["tips"] - way["tipsBack"] for way in told["takings"])
    assert -lines["tips-payable"] == tips


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [15, 16])
async def test_every_day_of_a_long_history_balances(
    database: Database, venue: Venue, seed: int
) -> None:
    walk = await start(database, venue, Random(seed))
    await walk.go(_STEPS)
    while len(walk.world.books.days) < _FEWEST_DAYS:  # who wins a race decides how a walk goes on
        await walk.go(_STEPS // 7)
    days = sorted(walk.world.books.days)
    span = f"fromDay={days[0]}&toDay={days[-1]}"
    booked = told_accounts(await venue.till.ok("GET", f"/till/v1/reports/journal?{span}"))
    owed, told = 0, {}
    for day in days:
        told = await venue.till.ok("GET", f"{DAYS}/{day}/report")
        check_books(told)
        _check_day(booked.get(day, Counter()), told)
        assert told["reconciliation"]["owedAtStart"] == owed
        owed = told["reconciliation"]["owedAtEnd"]
    assert len(days) >= _FEWEST_DAYS
    sums = Counter[str]()
    for lines in booked.values():
        sums.update(lines)
    assert -sums["vouchers-payable"] == told["vouchers"]["outstanding"] > 0
    ranged = await venue.till.ok("GET", f"/till/v1/reports/sales?{span}&by=tender")
    vouchers = ranged["vouchers"]
    assert vouchers["sold"] - vouchers["redeemed"] == vouchers["outstanding"]
    assert vouchers["redeemed"] > 0
    assert ranged["depositsCounted"] == sums["deposits-payable"] > 0
