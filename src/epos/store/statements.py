"""SQLAlchemy Core statements, compiled once and run on the asyncpg connection.

SQLAlchemy's own execution takes more time than PostgreSQL on the hot paths (docs/decisions), so the
repositories write its expressions, and this class runs the compiled SQL. jsonb is returned as text.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Any, TypeAlias, cast

import asyncpg
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Record: TypeAlias = asyncpg.Record

_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap


class Statement:
    """One statement with named parameters, compiled when it is first used.

    `columns` names the columns that an INSERT sets from parameters of the same names.
    """

    def __init__(self, clause: Executable, columns: Iterable[str] | None = None) -> None:
        self.clause = cast(ClauseElement, clause)
        self._columns = None if columns is None else list(columns)

    @cached_property
    def _compiled(self) -> SQLCompiler:
        compiled = self.clause.compile(dialect=_DIALECT, column_keys=self._columns)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - narrows the type
        return compiled

    @cached_property
    def sql(self) -> str:
        return self._compiled.string

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The parameters, in the order of their places in `sql`."""
        return tuple(self._compiled.positiontup or ())

    @cached_property
    def _constants(self) -> dict[str, Any]:
        """Parameters with a value in the statement itself; the caller gives the others."""
        given = self._compiled.params.items()
        return {name: value for name, value in given if isinstance(value, str | int)}

    async def all(self, connection: Connection, **parameters: Any) -> list[Record]:
        return await connection.fetch(self.sql, *self._arguments(parameters))

    async def first(self, connection: Connection, **parameters: Any) -> Record | None:
        return await connection.fetchrow(self.sql, *self._arguments(parameters))

    async def value(self, connection: Connection, **parameters: Any) -> Any:
        return await connection.fetchval(self.sql, *self._arguments(parameters))

    async def run(self, connection: Connection, **parameters: Any) -> None:
        await connection.fetch(self.sql, *self._arguments(parameters))

    async def each(self, connection: Connection, rows: Iterable[dict[str, Any]]) -> None:
        """Once for each row, without waiting for each."""
        await connection.executemany(self.sql, [self._arguments(row) for row in rows])

    def _arguments(self, parameters: dict[str, Any]) -> list[Any]:
        given = self._constants | parameters if self._constants else parameters
        return [given[name] for name in self.names]
