"""The access rules in SQL against the same rules in plain Python, on assignments made at random."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from epos.store.database import Database
from epos.store.paging import PageRequest
from epos.store.statements import Connection
from epos.store.venue_store import VenueStore
from tests.support.orders import unique

WAITERS = ("anna", "ben", "max")
STRANGER = "a stranger"
AREAS = ("main", "terrace")
TABLES = ("t1", "t2", "t3")
EVERYTHING = PageRequest(limit=100)

some_waiters = st.frozensets(st.sampled_from(WAITERS), max_size=2)
some_table = st.sampled_from([None, *TABLES])
some_owner = st.sampled_from([None, *WAITERS, STRANGER])


@dataclass(frozen=True)
class Floor:
    """Who looks after what. Orders are (table, own waiter), parties the tables they sit at."""

    policy: str
    managers: frozenset[str]
    area_of: dict[str, str]
    of_area: dict[str, frozenset[str]]
    of_table: dict[str, frozenset[str]]
    orders: list[tuple[str | None, str | None]]
    parties: list[list[str]]

    def assigned(self, table: str) -> frozenset[str]:
        return self.of_table[table] or self.of_area[self.area_of[table]]

    def sees_all(self, waiter: str) -> bool:
        return self.policy == "open" or waiter in self.managers

    def sees_table(self, waiter: str, table: str) -> bool:
        assigned = self.assigned(table)
        return self.sees_all(waiter) or not assigned or waiter in assigned

    def sees_order(self, waiter: str, order: tuple[str | None, str | None]) -> bool:
        table, owner = order
        if self.sees_all(waiter) or owner == waiter:
            return True
        return owner is None and (table is None or self.sees_table(waiter, table))

    def is_for(self, waiter: str, order: tuple[str | None, str | None]) -> bool:
        table, owner = order
        return owner == waiter or (
            owner is None and table is not None and waiter in self.assigned(table)
        )


def shared_out(tables: list[str], parties: int) -> list[list[str]]:
    """Each table to one party at most: two live ones cannot share."""
    return [tables[index::parties] for index in range(parties) if tables[index::parties]]


floors = st.builds(
    Floor,
    policy=st.sampled_from(["assigned", "assigned", "assigned", "open"]),
    managers=st.frozensets(st.sampled_from(WAITERS), max_size=1),
    area_of=st.fixed_dictionaries(dict.fromkeys(TABLES, st.sampled_from(AREAS))),
    of_area=st.fixed_dictionaries(dict.fromkeys(AREAS, some_waiters)),
    of_table=st.fixed_dictionaries(dict.fromkeys(TABLES, some_waiters)),
    orders=st.lists(st.tuples(some_table, some_owner), min_size=1, max_size=6),
    parties=st.builds(
        shared_out,
        st.lists(st.sampled_from(TABLES), unique=True),
        st.integers(min_value=1, max_value=3),
    ),
)


@asynccontextmanager
async def laid_out(database: Database, floor: Floor) -> AsyncIterator[VenueStore]:
    """A venue with this floor, gone again afterwards."""
    venue_id = unique("venue")
    async with database.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await _insert(connection, venue_id, floor)
            yield VenueStore(connection, venue_id)
        finally:
            await transaction.rollback()


async def _insert(connection: Connection, venue: str, floor: Floor) -> None:
    async def each(sql: str, rows: list[tuple[object, ...]]) -> None:
        await connection.executemany(sql, [(venue, *row) for row in rows])

    await each(
        """INSERT INTO venue (id, name, currency, time_zone, access_policy)
           VALUES ($1, 'V', 'GBP', 'Europe/London', $2)""",
        [(floor.policy,)],
    )
    await each(
        "INSERT INTO waiter (venue_id, id, name, is_manager) VALUES ($1, $2, $2, $3)",
        [(waiter, waiter in floor.managers) for waiter in WAITERS],
    )
    await each(
        "INSERT INTO area (venue_id, id, name, position) VALUES ($1, $2, $2, 1)",
        [(area,) for area in AREAS],
    )
    await each(
        "INSERT INTO dining_table (venue_id, id, area_id, name, name_key) VALUES ($1, $2, $3, $2, $2)",
        list(floor.area_of.items()),
    )
    await each(
        "INSERT INTO area_waiter (venue_id, area_id, waiter_id) VALUES ($1, $2, $3)",
        [(area, waiter) for area, waiters in floor.of_area.items() for waiter in waiters],
    )
    await each(
        "INSERT INTO table_waiter (venue_id, table_id, waiter_id) VALUES ($1, $2, $3)",
        [(table, waiter) for table, waiters in floor.of_table.items() for waiter in waiters],
    )
    await each(
        """INSERT INTO customer_order (venue_id, id, origin, status, currency, total_amount,
               order_type, reference, reference_is_ours, content, created_at, updated_at, table_id,
               waiter_id)
           VALUES ($1, $2, 'till', 'New', 'GBP', 1, 'DineIn', $2, false, '{}', now(), now(), $3, $4)
        """,
        [(str(number), *order) for number, order in enumerate(floor.orders)],
    )
    await each(
        """INSERT INTO party (venue_id, id, status, start_time, created_at, updated_at)
           VALUES ($1, $2, 'Seated', now(), now(), now())""",
        [(str(number),) for number, _ in enumerate(floor.parties)],
    )
    await each(
        """INSERT INTO party_table (venue_id, party_id, table_id, position, is_live)
           VALUES ($1, $2, $3, 0, true)""",
        [(str(number), table) for number, at in enumerate(floor.parties) for table in at],
    )


@settings(max_examples=60, deadline=None)
@given(floor=floors)
async def test_sql_and_python_agree(database: Database, floor: Floor) -> None:
    async with laid_out(database, floor) as store:
        for waiter in (*WAITERS, STRANGER):
            await check_orders(store, floor, waiter)
            await check_tables(store, floor, waiter)
            await check_parties(store, floor, waiter)


async def check_orders(store: VenueStore, floor: Floor, waiter: str) -> None:
    seen = {str(n) for n, order in enumerate(floor.orders) if floor.sees_order(waiter, order)}
    mine = {str(n) for n, order in enumerate(floor.orders) if floor.is_for(waiter, order)}
    searched = await store.orders.search(EVERYTHING, requester_waiter_id=waiter)
    assert {row["id"] for row in searched.rows} == seen
    assigned = await store.orders.search(EVERYTHING, waiter_id=waiter)
    assert {row["id"] for row in assigned.rows} == mine
    both = await store.orders.search(EVERYTHING, waiter_id=WAITERS[0], requester_waiter_id=waiter)
    for_first = {str(n) for n, one in enumerate(floor.orders) if floor.is_for(WAITERS[0], one)}
    assert {row["id"] for row in both.rows} == seen & for_first
    for number, _ in enumerate(floor.orders):
        expected = str(number) in seen
        assert await store.orders.is_visible(str(number), waiter) == expected
        assert (await store.orders.answer(str(number), waiter) is not None) == expected


async def check_tables(store: VenueStore, floor: Floor, waiter: str) -> None:
    seen = {table for table in TABLES if floor.sees_table(waiter, table)}
    searched = await store.layout.search_tables(EVERYTHING, requester_waiter_id=waiter)
    assert {row["id"] for row in searched.rows} == seen
    assigned = await store.layout.search_tables(EVERYTHING, waiter_id=waiter)
    assert {row["id"] for row in assigned.rows} == {
        table for table in TABLES if waiter in floor.assigned(table)
    }
    assert set(await store.layout.table_names(list(TABLES), waiter)) == seen


async def check_parties(store: VenueStore, floor: Floor, waiter: str) -> None:
    seen = {
        str(number)
        for number, at in enumerate(floor.parties)
        if any(floor.sees_table(waiter, table) for table in at)
    }
    searched = await store.parties.search(EVERYTHING, requester_waiter_id=waiter)
    assert {row["id"] for row in searched.rows} == seen
    for number, _ in enumerate(floor.parties):
        assert await store.parties.is_visible(str(number), waiter) == (str(number) in seen)
