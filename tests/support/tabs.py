"""The one driver for a tab at a till.

Each write carries the version that the till saw last. Each answer is added up again and compared with
what a reader of the till's API and of the EPOS Data API sees.
"""

from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.pins import APPROVAL
from tests.support.tab_checks import check_order, check_sums
from tests.support.venues import Venue

Json = dict[str, Any]
TABS = "/till/v1/tabs"


@dataclass
class TillTab:
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

    @property
    def lines(self) -> list[Json]:
        lines: list[Json] = self.shown["lines"]
        return lines

    def line(self, plu: str) -> Json:
        """The only live line of an item."""
        [line] = [line for line in self.lines if line["plu"] == plu and "void" not in line]
        return line

    async def call(
        self, what: str, /, body: Json | None = None, *, method: str = "POST", **more: Any
    ) -> httpx.Response:
        """Send one write with the version that is shown. `what`: the path below the tab, or ""."""
        sent = {"version": self.shown["version"], **(body or {}), **more}
        path = f"{self.path}/{what}".removesuffix("/")
        return await self.venue.till.call(method, path, sent, **self.who)

    async def do(
        self, what: str, /, body: Json | None = None, *, method: str = "POST", **more: Any
    ) -> Json:
        """Make a write that must succeed, check every tab in its answer, and return the answer.

        The tab in the answer is shown from now on.
        """
        before = self.shown
        answer = await self.call(what, body, method=method, **more)
        assert answer.status_code == 200, answer.text
        said: Json = answer.json()
        tabs = [said, *(part for part in said.values() if isinstance(part, dict))]
        for tab in tabs:
            if tab.get("origin") == "till":
                await self._check(tab)
        self.shown = next(tab for tab in tabs if tab.get("id") == self.id)
        assert self.shown == before or self.shown["version"] == before["version"] + 1
        return said

    async def refused(
        self,
        status: int,
        what: str,
        /,
        body: Json | None = None,
        *,
        method: str = "POST",
        **more: Any,
    ) -> str:
        """Make a write that must be refused and change nothing; return the error's text."""
        before = await self.read()
        answer = await self.call(what, body, method=method, **more)
        assert answer.status_code == status, answer.text
        assert await self.read() == before
        message: str = answer.json()["debugMessage"]
        return message

    async def read(self) -> Json:
        """The tab as it is now; what is shown stays."""
        now: Json = await self.venue.till.ok("GET", self.path)
        return now

    async def refresh(self) -> Json:
        """Read the tab and show it."""
        self.shown = await self.read()
        if self.shown["origin"] == "till":
            check_sums(self.shown)
            check_order(self.shown, await self.as_guest_sees_it())
        return self.shown

    async def add(self, *items: Json | str) -> list[Json]:
        """Add items and return the new lines; an item may be only its PLU."""
        there = len(self.lines)
        await self.do(
            "items", items=[{"plu": item} if isinstance(item, str) else item for item in items]
        )
        return self.lines[there:]

    async def void(self, line: Json, **body: Any) -> Json:
        return await self.do("void", lineId=line["id"], **{"reason": "A slip", **body})

    async def discount(self, line: Json | None = None, **body: Any) -> Json:
        """Give a discount (`percentage` or `amount`) that a manager approves."""
        on = {} if line is None else {"lineId": line["id"]}
        return await self.do("discount", **on, **{"name": "Regular", **body}, approval=APPROVAL)

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

    async def _check(self, tab: Json) -> None:
        check_sums(tab)
        assert await self.venue.till.ok("GET", f"{TABS}/{tab['id']}") == tab
        check_order(tab, await self.venue.ok("GET", f"/v1/orders/{tab['id']}"))


async def open_tab(
    venue: Venue, *plus: str, who: dict[str, str] | None = None, **body: Any
) -> TillTab:
    """A tab at table 1, unless `body` says otherwise, with one of each item."""
    headers = who or {}
    tab = TillTab(
        venue, await venue.till.ok("POST", TABS, body or {"tableId": "t1"}, **headers), headers
    )
    assert await tab.refresh() == tab.shown
    if plus:
        await tab.add(*plus)
    return tab


async def at_till(venue: Venue, order_id: str, **who: str) -> TillTab:
    """An order that is there, at a till."""
    return TillTab(venue, await venue.till.ok("GET", f"{TABS}/{order_id}"), who)
