"""A tab as a till works at it: every change carries the version of the answer before, and every answer
is added up again, here and as the contract shows the order.
"""

from typing import Any

from tests.support.pins import APPROVAL
from tests.support.tab_checks import check_order, check_sums
from tests.support.till_tabs import TABS, TabAtTill
from tests.support.venues import Venue

Json = dict[str, Any]


class TillTab(TabAtTill):
    """What is shown is the last answer."""

    @classmethod
    async def open(cls, venue: Venue, waiter_id: str | None = None, **body: Any) -> "TillTab":
        headers = {} if waiter_id is None else {"waiter_id": waiter_id}
        tab = cls(venue, await venue.till.ok("POST", TABS, body, **headers))
        await tab.check()
        return tab

    @property
    def lines(self) -> list[Json]:
        lines: list[Json] = self.shown["lines"]
        return lines

    def line(self, plu: str) -> Json:
        """The only live line of an item."""
        [line] = [line for line in self.lines if line["plu"] == plu and "void" not in line]
        return line

    async def post(self, path: str, method: str = "POST", **body: Any) -> Json:
        """A change that must succeed."""
        before = self.shown["version"]
        self.shown = await self.venue.till.ok(
            method, f"{self.path}{path}", {"version": before, **body}
        )
        assert self.shown["version"] == before + 1
        await self.check()
        return self.shown

    async def refuses(
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

    async def refresh(self) -> Json:
        self.shown = await self.read()
        await self.check()
        return self.shown

    async def check(self) -> None:
        """Every sum agrees with what it is the sum of, here and for Dojo, and a reader sees the same."""
        check_sums(self.shown)
        assert await self.read() == self.shown
        check_order(self.shown, await self.as_guest_sees_it())
