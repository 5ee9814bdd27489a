"""A tab as a till works at it: every change carries the version of the answer before, and every answer
is added up again, here and as the contract shows the order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.pins import APPROVAL
from tests.support.venues import Venue

Json = dict[str, Any]
TABS = "/till/v1/tabs"
_EFFECTIVE = ("recorded", "captured")


@dataclass
class TillTab:
    """`json` is the last answer."""

    venue: Venue
    json: Json

    @classmethod
    async def open(cls, venue: Venue, waiter_id: str | None = None, **body: Any) -> "TillTab":
        headers = {} if waiter_id is None else {"waiter_id": waiter_id}
        tab = cls(venue, await venue.till.ok("POST", TABS, body, **headers))
        await tab.check()
        return tab

    @property
    def id(self) -> str:
        tab_id: str = self.json["id"]
        return tab_id

    @property
    def path(self) -> str:
        return f"{TABS}/{self.id}"

    @property
    def lines(self) -> list[Json]:
        lines: list[Json] = self.json["lines"]
        return lines

    def line(self, plu: str) -> Json:
        """The only live line of an item."""
        [line] = [line for line in self.lines if line["plu"] == plu and "void" not in line]
        return line

    async def post(self, path: str, method: str = "POST", **body: Any) -> Json:
        """A change that must succeed."""
        before = self.json["version"]
        self.json = await self.venue.till.ok(
            method, f"{self.path}{path}", {"version": before, **body}
        )
        assert self.json["version"] == before + 1
        await self.check()
        return self.json

    async def refused(
        self, status: int, words: str, path: str, method: str = "POST", **body: Any
    ) -> None:
        """A change that must be refused, in these words, and leave all as it was."""
        before = await self.read()
        error = await self.venue.till.refused(
            status,
            method,
            f"{self.path}{path}",
            {"version": before["version"], **body},
        )
        assert words in error["debugMessage"], error
        assert await self.read() == before

    async def add(self, *items: Json | str) -> list[Json]:
        """The new lines; an item may be only its PLU."""
        there = len(self.lines)
        named = [{"plu": item} if isinstance(item, str) else item for item in items]
        await self.post("/items", items=named)
        return self.lines[there:]

    async def void(self, line: Json, **body: Any) -> Json:
        return await self.post("/void", lineId=line["id"], **{"reason": "A slip", **body})

    async def discount(self, line: Json | None = None, **body: Any) -> Json:
        """A manager approves; `percentage` or `amount`."""
        on = {} if line is None else {"lineId": line["id"]}
        return await self.post("/discount", **on, **{"name": "Regular", **body}, approval=APPROVAL)

    async def send(self) -> Json:
        return await self.post("/send")

    async def read(self) -> Json:
        read: Json = await self.venue.till.ok("GET", self.path)
        return read

    async def refresh(self) -> Json:
        self.json = await self.read()
        await self.check()
        return self.json

    async def order(self) -> Json:
        """As Dojo sees it."""
        order: Json = await self.venue.ok("GET", f"/v1/orders/{self.id}")
        return order

    async def check(self) -> None:
        """Every sum agrees with what it is the sum of, here and for Dojo, and a reader sees the same."""
        check_sums(self.json)
        assert await self.read() == self.json
        check_order(self.json, await self.order())


def check_sums(tab: Json) -> None:
    live = [line for line in tab["lines"] if "void" not in line]
    for line in tab["lines"]:
        sides = sum(side["quantity"] * _each(side) for side in line["subItems"])
        assert line["gross"] == line["quantity"] * (_each(line) + sides)
    for line in live:
        off = sum(discount["amount"] for discount in line["discounts"])
        assert line["total"] == line["gross"] - off >= 0
    assert all(line["total"] == 0 for line in tab["lines"] if "void" in line)
    goods = sum(line["total"] for line in live) - tab.get("discount", {"amount": 0})["amount"]
    charge = tab.get("serviceCharge", {"amount": 0, "bearsVat": False})
    assert tab["total"] == goods + charge["amount"]
    taxed = goods + charge["amount"] if charge["bearsVat"] else goods
    assert sum(tax["gross"] for tax in tab["taxes"]) == taxed
    effective = [payment for payment in tab["payments"] if payment["status"] in _EFFECTIVE]
    assert tab["paid"] == sum(payment["paid"] for payment in effective)
    assert tab["tips"] == sum(payment["tips"] for payment in effective)
    assert tab["balance"] == tab["total"] - tab["paid"] >= 0


def check_order(tab: Json, order: Json) -> None:
    """The contract's view of a tab: void lines are not in it."""
    live = [line for line in tab["lines"] if "void" not in line]
    assert [item["plu"] for item in order["items"]] == [line["plu"] for line in live]
    items = sum(
        item["quantity"] * (_price(item) + sum(side["quantity"] * _price(side) for side in sides))
        for item in order["items"]
        for sides in [item.get("subItems", [])]
    )
    off = sum(discount["amountTotal"]["value"] for discount in order.get("discounts", []))
    charge = order.get("serviceChargeAmount", {"value": 0})["value"]
    assert order["totalAmount"]["value"] == items - off + charge == tab["total"]
    vat = [line["amountTotal"]["value"] for line in order.get("taxLines", [])]
    assert vat == [tax["vat"] for tax in tab["taxes"]]
    same = ("status", "payable", "reference", "displayName")
    assert [order[name] for name in same] == [tab[name] for name in same]
    assert order["paidAmount"]["value"] == tab["paid"]
    assert order["tipsAmount"]["value"] == tab["tips"]


def _each(thing: Json) -> int:
    added: int = sum(m["quantity"] * m["price"] for m in thing["modifiers"])
    return added + int(thing["price"])


def _price(item: Json) -> int:
    modifiers: Sequence[Json] = item.get("modifiers", [])
    added: int = sum(m["quantity"] * m["amountPerModifier"]["value"] for m in modifiers)
    return added + int(item["amountPerItem"]["value"])
