"""All rows of one venue as a document, written into another or into the same venue.

For test venues only (`test_venue`). The rows are read in one statement, so they agree with each other;
therefore they are written without the triggers and foreign keys, which would write journal and outbox
again and refuse to delete what is append-only. That takes the right to set `session_replication_role`: a
superuser has it, and any role of PostgreSQL 15 or newer can be granted it, on each node of a cluster.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, lru_cache

from sqlalchemy import Table, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from epos.domain.errors import Conflict
from epos.domain.venue import NewVenue
from epos.store import venues
from epos.store.database import Database
from epos.store.statements import Connection, Record, Statement
from epos.store.tables import credential, dojo_link, lease, metadata, outbox, test_venue, venue
from epos.store.tables.base import Instant
from epos.store.venue_store import VenueStore
from epos.store.visibility import VENUE

_APART = {venue, credential, test_venue, dojo_link, lease, outbox}
"""Not in a copy: who may ask, and the connection to Dojo, are not the state of the venue."""
_TABLES = [table for table in metadata.sorted_tables if table not in _APART]
_WITHOUT_TRIGGERS = (
    "SELECT set_config('session_replication_role', 'replica', true), "
    "set_config('synchronous_commit', 'off', true), "
    "EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') AS is_cluster"
)
_NEITHER_ON_NODES = """
    SET LOCAL citus.propagate_set_commands TO 'local';
    SET LOCAL session_replication_role TO 'replica';
    SET LOCAL synchronous_commit TO 'off'
"""
_NONE = "[]"
"""The rows of a table that has none."""
_MAY = "SELECT has_parameter_privilege('session_replication_role', 'SET')"
_LOCK = "SELECT FROM venue WHERE id = $1 FOR UPDATE"
_MARK = Statement(insert(test_venue), columns=["venue_id", "kind", "seed"])
_MARKED = Statement(
    select(test_venue.c.kind, test_venue.c.seed).where(test_venue.c.venue_id == VENUE)
)
_CREDENTIAL = Statement(insert(credential), columns=["venue_id", "name", "role", "secret_sha256"])
_CLOCK = select(
    venues.NOW.label("now"),
    func.clock_timestamp(type_=Instant).label("real"),
    venue.c.clock_frozen_at.label("frozen_at"),
    venue.c.clock_offset.label("offset"),
).where(venue.c.id == bindparam("venue_id"))
_READ_CLOCK, _LOCK_CLOCK = Statement(_CLOCK), Statement(_CLOCK.with_for_update(key_share=True))
_SET_CLOCK = Statement(
    venue.update()
    .where(venue.c.id == bindparam("venue_id"))
    .values(clock_frozen_at=bindparam("frozen_at"), clock_offset=bindparam("clock_offset"))
)


@dataclass(frozen=True, slots=True)
class VenueCopy:
    """Each table's rows of one venue as a JSON array, in the order of `TABLES`; first the venue's own."""

    rows: tuple[str, ...]

    @property
    def filled(self) -> tuple[int, ...]:
        """The numbers of the tables that have rows, the first is 0; the venue's own row does not count."""
        return tuple(number for number, text in enumerate(self.rows[1:]) if text != _NONE)

    @property
    def size(self) -> int:
        """In characters."""
        return sum(len(text) for text in self.rows)


@dataclass(frozen=True, slots=True)
class Mark:
    """What is kept of how a test venue was made."""

    kind: str
    seed: int | None


@dataclass(frozen=True, slots=True)
class Renamed:
    """What becomes another text in each of a copy's ids: that of the venue, and the part that is the time
    at which they were made. An empty part stays.
    """

    venue_id: str
    time_part: str

    def applied(self, copy: VenueCopy, new: "Renamed") -> VenueCopy:
        """The copy with these texts instead. `_fresh` does the same in the database."""
        return VenueCopy(tuple(self._in(text, new) for text in copy.rows))

    def _in(self, text: str, new: "Renamed") -> str:
        text = text.replace(f'"{self.venue_id}"', f'"{new.venue_id}"')
        return text.replace(f"_{self.time_part}", f"_{new.time_part}") if self.time_part else text


@dataclass(frozen=True, slots=True)
class Fresh:
    """A test venue that is about to be made."""

    renamed: Renamed
    credentials: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Of each credential's name the role and the hash of the secret."""


def _columns(table: Table) -> str:
    return ", ".join(
        f'"{column.name}"'
        for column in table.columns
        if column.computed is None and column.name != "venue_id"
    )


def _key(table: Table) -> str:
    """In the same order each time: equal rows are equal text."""
    return ", ".join(f'r."{column.name}"' for column in table.primary_key)


def _read_sql() -> str:
    parts = ["SELECT (SELECT json_agg(v) FROM venue v WHERE v.id = $1)::text"]
    parts += [
        f"(SELECT coalesce(json_agg(r ORDER BY {_key(table)}), '{_NONE}') "
        f"FROM {table.name} r WHERE r.venue_id = $1)::text"
        for table in _TABLES
    ]
    return ", ".join(parts)


_VENUE = -1
"""Beside the numbers of `_TABLES`."""
_VENUE_COLUMNS = [column.name for column in venue.columns if column.name != "id"]
_COLUMNS_OF_VENUE = ", ".join(_VENUE_COLUMNS)
_FRESH = (
    "fresh AS MATERIALIZED "
    "(SELECT * FROM unnest($1::text[], $2::text[]) AS names (fresh_id, fresh_time))"
)


@lru_cache(maxsize=64)
def _make_sql(filled: tuple[int, ...]) -> str:
    """Several new venues with the rows of one copy in these tables. Only these: each table costs time."""
    parts = [
        f"w{place} AS ({_make_part(number, place)})"
        for place, number in enumerate((_VENUE, *filled), start=5)
    ]
    return f"WITH {_FRESH}, {', '.join(parts)} SELECT"


@cache
def _make_one_sql(number: int) -> str:
    """The same for one table, for Citus."""
    return f"WITH {_FRESH} {_make_part(number, 5)}"


def _make_part(number: int, place: int) -> str:
    """`number`: of a table, or `_VENUE`; `place`: which parameter has its rows."""
    if number == _VENUE:
        target, chosen = f"venue (id, {_COLUMNS_OF_VENUE})", _COLUMNS_OF_VENUE
        rows = f"json_populate_recordset(NULL::venue, {_fresh(place)})"
        return f"INSERT INTO {target} SELECT fresh_id, {chosen} FROM fresh, {rows}"
    table, chosen = _TABLES[number], _columns(_TABLES[number])
    return (
        f"INSERT INTO {table.name} (venue_id, {chosen}) OVERRIDING SYSTEM VALUE SELECT fresh_id, {chosen} "
        f"FROM fresh, json_populate_recordset(NULL::{table.name}, {_fresh(place)})"
    )


def _fresh(place: int) -> str:
    """A parameter with the ids of the fresh venue: $3 is the copy's venue, $4 its part for the time."""
    return f"replace(replace(${place}, $3, to_json(fresh_id)::text), $4, '_' || fresh_time)::json"


@lru_cache(maxsize=64)
def _write_sql(filled: tuple[int, ...]) -> str:
    """The rows of these tables of a venue that exists."""
    parts = [
        f"w{place} AS ({_write_part(number, place)})"
        for place, number in enumerate(filled, start=2)
    ]
    return f"WITH {', '.join(parts)} SELECT"


@cache
def _write_part(number: int, place: int) -> str:
    table, chosen = _TABLES[number], _columns(_TABLES[number])
    return (
        f"INSERT INTO {table.name} (venue_id, {chosen}) OVERRIDING SYSTEM VALUE "
        f"SELECT $1, {chosen} FROM json_populate_recordset(NULL::{table.name}, ${place}::json)"
    )


def _update_sql() -> str:
    pairs = ", ".join(f"{name} = saved.{name}" for name in _VENUE_COLUMNS)
    source = "json_populate_recordset(NULL::venue, $2::json) AS saved"
    return f"UPDATE venue SET {pairs} FROM {source} WHERE venue.id = $1"


def _delete_sql(tables: Sequence[Table]) -> str:
    parts = [
        f"d{number} AS (DELETE FROM {table.name} WHERE venue_id = $1)"
        for number, table in enumerate(tables)
    ]
    return f"WITH {', '.join(parts)} SELECT"


@lru_cache(maxsize=64)
def _clear_sql(filled: tuple[int, ...]) -> str:
    return _delete_sql([*(_TABLES[number] for number in filled), outbox])


_READ, _UPDATE = _read_sql(), _update_sql()
_CLEAR_ALL = _delete_sql([*_TABLES, credential, test_venue, dojo_link, lease, outbox])
_REMOVE = "DELETE FROM venue WHERE id = $1"


async def may_copy(database: Database) -> bool:
    """Whether the role of this database may write without triggers."""
    async with database.connection() as connection:
        may: bool = await connection.fetchval(_MAY)
    return may


async def marked(connection: Connection, venue_id: str) -> Mark | None:
    """None: the venue was not made for tests, or does not exist."""
    row = await _MARKED.first(connection, venue_id=venue_id)
    return None if row is None else Mark(row["kind"], row["seed"])


async def drafted(
    database: Database, new: NewVenue, fill: Callable[[VenueStore], Awaitable[None]]
) -> VenueCopy:
    """What a new venue has after `fill`. It is made in a transaction that is rolled back."""
    async with database.connection() as connection:
        await connection.execute("BEGIN")
        try:
            if not await venues.add(connection, new):
                raise Conflict(f"There is a venue {new.id}, whose id templates need")
            await fill(VenueStore(connection, new.id))
            return await read(connection, new.id)
        finally:
            await connection.execute("ROLLBACK")


async def read(connection: Connection, venue_id: str) -> VenueCopy:
    row = await connection.fetchrow(_READ, venue_id)
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return VenueCopy(tuple(row.values()))


async def make(
    connection: Connection, mark: Mark, copy: VenueCopy, named: Renamed, fresh: Sequence[Fresh]
) -> None:
    """Make test venues with the rows of one copy, each with its own names instead of `named`."""
    names = (
        [one.renamed.venue_id for one in fresh],
        [one.renamed.time_part for one in fresh],
        f'"{named.venue_id}"',
        f"_{named.time_part}" if named.time_part else "",  # nothing is replaced by an empty text
    )
    filled = copy.filled
    async with _without_triggers(connection) as is_cluster:
        if is_cluster:
            for number in (_VENUE, *filled):
                await connection.execute(_make_one_sql(number), *names, copy.rows[number + 1])
        else:
            rows = (copy.rows[number + 1] for number in (_VENUE, *filled))
            await connection.execute(_make_sql(filled), *names, *rows)
        await _MARK.each(
            connection,
            ({"venue_id": name, "kind": mark.kind, "seed": mark.seed} for name in names[0]),
        )
        await _CREDENTIAL.each(
            connection,
            (
                {
                    "venue_id": one.renamed.venue_id,
                    "name": name,
                    "role": role,
                    "secret_sha256": hashed,
                }
                for one in fresh
                for name, (role, hashed) in one.credentials.items()
            ),
        )


async def write_over(connection: Connection, venue_id: str, copy: VenueCopy) -> None:
    """Let a test venue have the rows of the copy and no others. Dojo is told nothing of it.

    Only the tables that differ are written: most tests change a few.
    """
    async with _without_triggers(connection) as is_cluster:
        await connection.fetch(_LOCK, venue_id)
        now = await read(connection, venue_id)
        pairs = list(zip(now.rows, copy.rows, strict=True))
        differing = [number for number, (was, wanted) in enumerate(pairs[1:]) if was != wanted]
        await connection.execute(
            _clear_sql(tuple(n for n in differing if now.rows[n + 1] != _NONE)), venue_id
        )
        filled = tuple(n for n in differing if copy.rows[n + 1] != _NONE)
        if is_cluster:
            for number in filled:
                await connection.execute(_write_part(number, 2), venue_id, copy.rows[number + 1])
        elif filled:
            rows = (copy.rows[number + 1] for number in filled)
            await connection.execute(_write_sql(filled), venue_id, *rows)
        if now.rows[0] != copy.rows[0]:
            await connection.execute(_UPDATE, venue_id, copy.rows[0])


@dataclass(frozen=True, slots=True)
class KeptClock:
    """The clock of a venue beside the real one."""

    now: datetime
    real: datetime
    frozen_at: datetime | None
    offset: timedelta


async def read_clock(connection: Connection, venue_id: str) -> KeptClock:
    return _kept(await _READ_CLOCK.first(connection, venue_id=venue_id))


async def lock_clock(connection: Connection, venue_id: str) -> KeptClock:
    """Read it in a transaction, and let no other change it meanwhile."""
    return _kept(await _LOCK_CLOCK.first(connection, venue_id=venue_id))


async def set_clock(
    connection: Connection, venue_id: str, frozen_at: datetime | None, offset: timedelta
) -> None:
    await _SET_CLOCK.run(connection, venue_id=venue_id, frozen_at=frozen_at, clock_offset=offset)


def _kept(row: Record | None) -> KeptClock:
    if row is None:
        raise LookupError
    return KeptClock(**row)


async def remove(connection: Connection, venue_id: str) -> None:
    """Delete a test venue with everything in it."""
    async with _without_triggers(connection):
        await connection.fetch(_LOCK, venue_id)
        await connection.execute(_CLEAR_ALL, venue_id)
        await connection.execute(_REMOVE, venue_id)


@asynccontextmanager
async def _without_triggers(connection: Connection) -> AsyncIterator[bool]:
    """A transaction in which no trigger runs and no foreign key is checked. Gives whether this is Citus,
    where a statement may fill one table.
    """
    async with connection.transaction():
        state = await connection.fetchrow(_WITHOUT_TRIGGERS)
        assert state is not None  # noqa: S101 - a SELECT without FROM has one row
        if state["is_cluster"]:
            await connection.execute(_NEITHER_ON_NODES)
        yield state["is_cluster"]
