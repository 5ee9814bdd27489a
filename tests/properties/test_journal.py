"""A long random history: the bookkeeper's journal balances on every day, and each of its accounts is what
the day's report and the vouchers themselves say.

What is sold and not paid is the account that takes up the rest, so that debits are always credits; here it
is compared with what the orders owe.
"""

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from epos.store.database import Database
from tests.properties.days_model import Bookkeeper, day_of
from tests.support.days import DAYS
from tests.support.menus import write_menu
from tests.support.orders import gbp, unique
from tests.support.pins import APPROVAL
from tests.support.server import RunningServer
from tests.support.venues import Venue, make_venue

Json = dict[str, Any]
_STEPS = 220
_PLAIN = (
    ("sell", (500, 1_250), (0, 1)),
    ("open_tab", ("burger", "cake", "wine")),
    ("add", range(40), ("burger", "cake", "wine")),
    ("void", range(40)),
    ("charge", range(40), (0, 1_250)),
    ("card", range(40), (1, 333, 500), (0, 99)),
    ("counter", range(40), (None, "voucher", "cheque"), (1, 333, 1_250), (0, 99)),
    ("hear", range(40), ("Captured", "Reversed", "Refunded")),
    ("give_back", range(40), ("refund", "correct")),
    ("part", range(40), (1, 100)),
    ("cancel_at_till", range(40)),
    ("move_cash", ("paid-in", "paid-out", "to-safe"), (1, 333, 500)),
    ("sell_voucher", ("cash", "transfer"), (333, 5_000)),
    ("redeem", range(40), range(40), (None, 1, 100), (0, 50)),
    ("deposit", range(40), (100, 2_000)),
    ("wait", (6, 9, 30)),
    ("close",),
)


@dataclass
class Owner(Bookkeeper):
    """What the model of days does, and vouchers, deposits, parts that go back and cash that is counted."""

    vouchers: list[str] = field(default_factory=list)

    async def sell_voucher(self, way: str, amount: int) -> None:
        how = {"type": "cash"} if way == "cash" else {"type": "other", "method": way}
        code = unique("gift")
        assert await self._try("POST", "/till/v1/vouchers", {"code": code, "amount": amount} | how)
        self.vouchers.append(code)

    async def redeem(self, which: int, voucher: int, amount: int | None, tip: int) -> None:
        if self.vouchers:
            code = self.vouchers[voucher % len(self.vouchers)]
            how = {"type": "other", "method": "voucher", "voucher": code, "tip": tip}
            await self._write(which, "payments", **how, **({"amount": amount} if amount else {}))

    async def deposit(self, which: int, amount: int) -> None:
        party = {
            "dojoPartyId": unique("party"),
            "tableIds": ["t1"],
            "startTime": f"{self.now:%Y-%m-%dT%H:%M:%SZ}",
            "deposit": {"totalAmount": gbp(amount), "paymentIntentIds": []},
        }
        made = await self.venue.ok("POST", "/v1/parties", party)
        await self._write(which, "deposits", partyId=made["id"])
        await self._try("DELETE", f"/v1/parties/{made['id']}")

    async def part(self, which: int, amount: int) -> None:
        payments = (await self._shown(which))["payments"]
        if payments:
            path = f"payments/{payments[which % len(payments)]['id']}/refund"
            await self._write(which, path, amount=amount, reason="Cold", approval=APPROVAL)

    async def close(self) -> None:
        """Each day is counted, and something is missing."""
        for day in sorted({*self.notes, self.today}):
            if self.last_closed < day <= self.today and day <= day_of(self.now):
                told = await self.venue.till.ok("GET", f"{DAYS}/{day}/x-report")
                counted = max(told["cash"]["expected"] - 7, 0)
                body = {"approval": APPROVAL, "countedCash": counted}
                self.closed[day] = await self.venue.till.ok("POST", f"{DAYS}/{day}/close", body)
                self.last_closed = day


async def _history(venue: Venue, random: Random) -> Owner:
    owner = Owner(venue)
    await owner.live([("open_tab", "burger"), ("counter", 0, None, 500, 0)])
    for _ in range(_STEPS):
        name, *choices = random.choice(_PLAIN)
        await getattr(owner, name)(*(random.choice(choice) for choice in choices))
        owner.notes[owner.today]  # a day on which something happened
    return owner


def _booked(journal: Json) -> dict[str, Counter[str]]:
    """Debits less credits by day and account."""
    booked: dict[str, Counter[str]] = {}
    for line in journal["lines"]:
        booked.setdefault(line["day"], Counter())[line["name"]] += line["debit"] - line["credit"]
    return booked


def _check_day(lines: Counter[str], told: Json) -> None:
    """Each account of the day's lines is what the day's report says by itself."""
    books, cash, vouchers = told["reconciliation"], told["cash"], told["vouchers"]
    assert sum(lines.values()) == 0
    assert lines["guests-owe"] == books["owedAtEnd"] - books["owedAtStart"]
    in_drawers = cash["takings"] + cash["paidIn"] - cash["paidOut"] - cash["toSafe"]
    assert lines["cash"] == in_drawers + cash.get("difference", 0)
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
    server: RunningServer, database: Database, seed: int
) -> None:
    async with make_venue(database, server) as venue:
        await write_menu(database, venue.id)
        owner = await _history(venue, Random(seed))
        span = f"fromDay={min(owner.notes)}&toDay={max(owner.notes)}"
        booked = _booked(await venue.till.ok("GET", f"/till/v1/reports/journal?{span}"))
        owed, told = 0, {}
        for day in sorted(owner.notes):
            told = await venue.till.ok("GET", f"{DAYS}/{day}/report")
            _check_day(booked.get(str(day), Counter()), told)
            assert told["reconciliation"]["owedAtStart"] == owed
            owed = told["reconciliation"]["owedAtEnd"]
        assert len(owner.notes) > 3, "a history of several days"
        sums = Counter[str]()
        for lines in booked.values():
            sums.update(lines)
        assert -sums["vouchers-payable"] == told["vouchers"]["outstanding"] > 0
        ranged = await venue.till.ok("GET", f"/till/v1/reports/sales?{span}&by=tender")
        vouchers = ranged["vouchers"]
        assert vouchers["sold"] - vouchers["redeemed"] == vouchers["outstanding"]
        assert vouchers["redeemed"] > 0
        assert ranged["depositsCounted"] == sums["deposits-payable"] > 0
