"""A whole evening of a large venue through the till API: does the last guest wait longer than the first?"""

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from benchmarks.venues import Venue

VENUE = Venue("bench-evening", 1_000, 0, tables=100)
TILLS = 8
FLOOR = 0.8
"""The rate of the last tenth over that of the first must be at least this."""
FEWEST = 100
"""With fewer writes a tenth says nothing."""
_PATIENCE_SECONDS = 60
_TABS = "/till/v1/tabs"


@dataclass
class Evening:
    """The times at which writes were answered, in seconds since the start, in order."""

    wanted: int
    answered: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Answers that were errors."""

    @property
    def first(self) -> float:
        """Writes a second in the first tenth."""
        return self._tenth / self.answered[self._tenth - 1]

    @property
    def last(self) -> float:
        return self._tenth / (self.answered[-1] - self.answered[-self._tenth - 1])

    @property
    def missed(self) -> bool:
        """Whether the last tenth was clearly slower than the first."""
        return not self.refused and self.last / self.first < FLOOR

    @property
    def _tenth(self) -> int:
        return self.wanted // 10

    def lines(self) -> Iterator[str]:
        if self.refused:
            yield f"- An evening of {VENUE.tables} tables: requests failed, so it says nothing"
            return
        whole = len(self.answered) / self.answered[-1]
        verdict = "FLOOR MISSED" if self.missed else "floor met"
        yield (
            f"- An evening of {VENUE.tables} tables, {self.wanted:,} writes by {TILLS} tills: "
            f"{whole:,.0f} a second; {self.first:,.0f} in the first tenth, {self.last:,.0f} in the "
            f"last, {self.last / self.first:.2f} of it: {verdict} ({FLOOR})"
        )


def play(base_url: str, writes: int) -> Evening:
    """Serve all tables in turn until this number of writes is reached."""
    return asyncio.run(_play(base_url, writes))


async def _play(base_url: str, writes: int) -> Evening:
    evening = Evening(writes)
    tables = itertools.cycle(range(1, VENUE.tables + 1))
    began = time.perf_counter()
    async with (
        httpx.AsyncClient(
            base_url=base_url, headers=VENUE.till_headers, timeout=_PATIENCE_SECONDS
        ) as client,
        asyncio.TaskGroup() as tills,
    ):
        for _ in range(TILLS):
            tills.create_task(_Till(client, evening, began).work(tables))
    return evening


class _EveningOver(Exception):
    """Enough was written, or something was refused."""


class _Till:
    def __init__(self, client: httpx.AsyncClient, evening: Evening, began: float) -> None:
        self._client = client
        self._evening = evening
        self._began = began
        self._tab: dict[str, Any] = {}

    async def work(self, tables: Iterator[int]) -> None:
        try:
            while True:
                await self._visit(next(tables))
        except _EveningOver:
            return

    async def _visit(self, table: int) -> None:
        """Ten writes: two rounds, one line corrected, and two guests who pay half each."""
        await self._write(_TABS, tableId=f"tbl_{table}", covers=2)
        await self._change("/items", items=[_item(table), _item(table + 1)])
        await self._change("/send")
        await self._change("/items", items=[_item(table + 2), {"plu": "PLU000", "quantity": 2}])
        slip = self._tab["lines"][-1]
        await self._change("/void", lineId=slip["id"], quantity=1, reason="One was enough")
        await self._change("/send")
        await self._change("/items", items=[_item(table + 3)])
        await self._change("/service-charge", rate=1250)
        await self._change("/payments", type="cash", amount=self._tab["balance"] // 2, tip=100)
        await self._change("/payments", type="cash", tendered=100_00)

    async def _change(self, path: str, **body: Any) -> None:
        await self._write(f"{_TABS}/{self._tab['id']}{path}", version=self._tab["version"], **body)

    async def _write(self, path: str, **body: Any) -> None:
        evening = self._evening
        if len(evening.answered) >= evening.wanted or evening.refused:
            raise _EveningOver
        try:
            answer = await self._client.post(path, json=body)
        except httpx.HTTPError as error:
            evening.refused.append(repr(error))
            raise _EveningOver from error
        if answer.status_code != httpx.codes.OK:
            evening.refused.append(answer.text)
            raise _EveningOver
        evening.answered.append(time.perf_counter() - self._began)
        self._tab = answer.json()


def _item(number: int) -> dict[str, Any]:
    plu = number % 10
    return {"plu": f"PLU00{plu}", "modifiers": [{"plu": f"MOD00{plu}"}] if plu % 2 else []}
