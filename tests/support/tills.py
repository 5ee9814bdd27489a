"""A till at its tabs: every write carries the version that was seen last."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.pins import APPROVAL
from tests.support.venues import Venue

Json = dict[str, Any]


@dataclass
class TabAtTill:
    """One tab, or an order of Dojo's, and what the till knows of it."""

    venue: Venue
    seen: Json

    @classmethod
    async def opened(cls, venue: Venue, *plus: str, **body: Any) -> "TabAtTill":
        """A tab with one of each item."""
        tab = cls(venue, await venue.till.ok("POST", "/till/v1/tabs", body))
        if plus:
            await tab.ok("items", items=[{"plu": plu} for plu in plus])
        return tab

    @classmethod
    async def of(cls, venue: Venue, order_id: str) -> "TabAtTill":
        return cls(venue, await venue.till.ok("GET", f"/till/v1/tabs/{order_id}"))

    @property
    def id(self) -> str:
        order_id: str = self.seen["id"]
        return order_id

    @property
    def money(self) -> tuple[str, int, int, int]:
        """Status, paid, tips and balance."""
        seen = self.seen
        return seen["status"], seen["paid"], seen["tips"], seen["balance"]

    async def read(self) -> Json:
        self.seen = await self.venue.till.ok("GET", f"/till/v1/tabs/{self.id}")
        return self.seen

    async def call(self, path: str, **body: Any) -> httpx.Response:
        """A write with the version that was seen last, whatever becomes of it."""
        sent = {"version": self.seen["version"]} | body
        return await self.venue.till.call("POST", f"/till/v1/tabs/{self.id}/{path}", sent)

    async def ok(self, path: str, **body: Any) -> Json:
        answer = await self.call(path, **body)
        assert answer.status_code == 200, answer.text
        self.seen = answer.json()
        return self.seen

    async def refused(self, status: int, path: str, **body: Any) -> str:
        """The words of the refusal; nothing has changed."""
        before = await self.venue.till.ok("GET", f"/till/v1/tabs/{self.id}")
        answer = await self.call(path, **body)
        assert answer.status_code == status, answer.text
        assert await self.venue.till.ok("GET", f"/till/v1/tabs/{self.id}") == before
        words: str = answer.json()["debugMessage"]
        return words

    async def pay(self, **body: Any) -> Json:
        """Cash, if nothing else is said; the payment."""
        tab = await self.ok("payments", **{"type": "cash"} | body)
        payment: Json = tab["payments"][-1]
        return payment

    async def end(self, payment: Json, how: str = "refund", reason: str = "Cold food") -> Json:
        path = f"payments/{payment['id']}/{how}"
        return await self.ok(path, reason=reason, approval=APPROVAL)
