"""Tabs as a till writes them, always with the version that it saw last."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.tab_checks import check_order, check_sums
from tests.support.venues import Venue

Json = dict[str, Any]
TABS = "/till/v1/tabs"


@dataclass
class TabAtTill:
    """A tab (or an order of Dojo's) as one till shows it. `who`: the headers that the till sends."""

    venue: Venue
    shown: Json
    who: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        tab_id: str = self.shown["id"]
        return tab_id

    @property
    def path(self) -> str:
        return f"{TABS}/{self.id}"

    async def call(self, what: str, body: Json | None = None, **more: Any) -> httpx.Response:
        """One write, with the version that is shown."""
        sent = {"version": self.shown["version"], **(body or {}), **more}
        return await self.venue.till.call("POST", f"{self.path}/{what}", sent, **self.who)

    async def do(self, what: str, body: Json | None = None, **more: Any) -> Json:
        """A write that succeeds, and its answer; the tab in it is shown from now on. Every sum of it
        agrees with what it is the sum of, here and for Dojo.
        """
        answer = await self.call(what, body, **more)
        assert answer.status_code == 200, answer.text
        said: Json = answer.json()
        tabs = [said, *(part for part in said.values() if isinstance(part, dict))]
        for tab in tabs:
            if tab.get("origin") == "till":
                check_sums(tab)
                check_order(tab, await self.venue.ok("GET", f"/v1/orders/{tab['id']}"))
        self.shown = next(tab for tab in tabs if tab.get("id") == self.id)
        return said

    async def refused(
        self, status: int, what: str, /, body: Json | None = None, **more: Any
    ) -> str:
        """What is said to a write that is refused, which changes nothing."""
        before = await self.read()
        answer = await self.call(what, body, **more)
        assert answer.status_code == status, answer.text
        assert await self.read() == before
        message: str = answer.json()["debugMessage"]
        return message

    async def read(self) -> Json:
        """As it is now; what is shown stays."""
        now: Json = await self.venue.till.ok("GET", self.path)
        return now

    async def refresh(self) -> Json:
        self.shown = await self.read()
        return self.shown

    async def hold(self, seconds: int = 60) -> Json:
        body = {"seconds": seconds}
        held: Json = await self.venue.till.ok("PUT", f"{self.path}/hold", body, **self.who)
        return held

    async def release(self) -> Json:
        free: Json = await self.venue.till.ok("DELETE", f"{self.path}/hold", **self.who)
        return free

    async def as_guest_sees_it(self) -> Json:
        order: Json = await self.venue.ok("GET", f"/v1/orders/{self.id}")
        return order


async def open_tab(
    venue: Venue, *plus: str, who: dict[str, str] | None = None, **body: Any
) -> TabAtTill:
    """A tab at table 1, unless `body` says otherwise, with one of each item."""
    place = body or {"tableId": "t1"}
    tab = TabAtTill(venue, await venue.till.ok("POST", TABS, place), who or {})
    if plus:
        await tab.do("items", items=[{"plu": plu} for plu in plus])
    return tab


async def at_till(venue: Venue, order_id: str, **who: str) -> TabAtTill:
    """An order that is there, at a till."""
    return TabAtTill(venue, await venue.till.ok("GET", f"{TABS}/{order_id}"), who)
