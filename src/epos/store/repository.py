"""The base of every repository: one venue's rows on one connection."""

from collections.abc import Iterable
from typing import Any

from epos.store.statements import Connection, Record, Statement


class Repository:
    """Runs statements with the venue's id as a parameter; none can leave it out."""

    def __init__(self, connection: Connection, venue_id: str) -> None:
        self._connection = connection
        self._venue_id = venue_id

    async def _all(self, statement: Statement, **parameters: Any) -> list[Record]:
        return await statement.all(self._connection, venue_id=self._venue_id, **parameters)

    async def _first(self, statement: Statement, **parameters: Any) -> Record | None:
        return await statement.first(self._connection, venue_id=self._venue_id, **parameters)

    async def _value(self, statement: Statement, **parameters: Any) -> Any:
        return await statement.value(self._connection, venue_id=self._venue_id, **parameters)

    async def _each(self, statement: Statement, rows: Iterable[dict[str, Any]]) -> None:
        named = ({"venue_id": self._venue_id, **row} for row in rows)
        await statement.each(self._connection, named)

    async def _run(self, statement: Statement, **parameters: Any) -> None:
        await statement.run(self._connection, venue_id=self._venue_id, **parameters)
