"""The access rules in SQL against the same rules in plain Python, on assignments made at random."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from epos.store.database import Database
from epos.store.paging import Key, PageRequest, PageRows
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


class Tab(NamedTuple):
    table: str | None
    owner: str | None
    payable: bool


@dataclass(frozen=True)
class Floor:
    """Who looks after what. Orders are from the oldest to the newest; parties, the tables they sit at."""

    policy: str
    managers: frozenset[str]
    area_of: dict[str, str]
    of_area: dict[str, frozenset[str]]
    of_table: dict[str, frozenset[str]]
    orders: list[Tab]
    parties: list[list[str]]

    def assigned(self, table: str) -> frozenset[str]:
        return self.of_table[table] or self.of_area[self.area_of[table]]

    def sees_all(self, waiter: str) -> bool:
        return self.policy == "open" or waiter in self.managers

    def sees_table(self, waiter: str, table: str) -> bool:
        assigned = self.assigned(table)
        return self.sees_all(waiter) or not assigned or waiter in assigned

    def sees_order(self, waiter: str, order: Tab) -> bool:
        table, owner, _ = order
        if self.sees_all(waiter) or owner == waiter:
            return True
        return owner is None and (table is None or self.sees_table(waiter, table))

    def is_for(self, waiter: str, order: Tab) -> bool:
        table, owner, _ = order
        return owner == waiter or (
            owner is None and table is not None and waiter in self.assigned(table)
        )

    def found(self, search: "Search") -> list[str]:
        """What a search lists, newest first."""
        return [
            str(number)
            for number, order in reversed(list(enumerate(self.orders)))
            if (search.requester is None or self.sees_order(search.requester, order))
            and (search.waiter is None or self.is_for(search.waiter, order))
            and search.table in (None, order.table)
            and (order.payable or not search.payable)
        ]


@dataclass(frozen=True)
class Search:
    """Who asks and what is looked for, and how many are on a page."""

    requester: str | None
    waiter: str | None
    table: str | None
    payable: bool
    limit: int

    async def page(self, store: VenueStore, **where: Key | None) -> PageRows:
        return await store.orders.search(
            PageRequest(self.limit, **where),
            requester_waiter_id=self.requester,
            waiter_id=self.waiter,
            table_id=self.table,
            payable_only=self.payable,
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
    orders=st.lists(st.builds(Tab, some_table, some_owner, st.booleans()), min_size=1, max_size=9),
    parties=st.builds(
        shared_out,
        st.lists(st.sampled_from(TABLES), unique=True),
        st.integers(min_value=1, max_value=3),
    ),
)
searches = st.builds(
    Search,
    requester=some_owner,
    waiter=some_owner,
    table=some_table,
    payable=st.booleans(),
    limit=st.integers(min_value=1, max_value=4),
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
           VALUES ($1, $2, 'till', $3, 'GBP', 1, 'DineIn', $2, false, '{}',
               now() + $4 * interval '1 minute', now(), $5, $6)
        """,
        [  # two and two were opened at the same moment
            (str(number), "New" if order.payable else "Canceled", number // 2, *order[:2])
            for number, order in enumerate(floor.orders)
        ],
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


@settings(max_examples=60)
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
        row = await store.orders.lock(str(number))
        assert row is not None
        assert await store.orders.sees(row, waiter) == expected
        assert (await store.orders.answer(str(number), waiter) is not None) == expected


@settings(max_examples=150)
@given(floor=floors, search=searches)
async def test_a_search_lists_what_the_rules_say_page_by_page(
    database: Database, floor: Floor, search: Search
) -> None:
    async with laid_out(database, floor) as store:
        expected = floor.found(search)
        assert await walked(store, search, backward=False) == expected
        assert await walked(store, search, backward=True) == expected


async def walked(store: VenueStore, search: Search, *, backward: bool) -> list[str]:
    """Every order of the list; each page says whether there is more on either side."""
    towards, pages, place = "before" if backward else "after", list[list[str]](), None
    while True:
        start = {towards: () if backward and place is None else place}
        page = await search.page(store, **start)
        assert len(page.rows) <= search.limit
        behind_us, ahead = page.more_in_front, page.more_behind
        if backward:
            behind_us, ahead = ahead, behind_us
        assert behind_us == bool(pages)
        found = [row["id"] for row in page.rows]
        pages.append(found)
        if not ahead:
            return [one for page in (reversed(pages) if backward else pages) for one in page]
        end = page.rows[0 if backward else -1]
        place = (end["created_at"], end["id"])


async def check_tables(store: VenueStore, floor: Floor, waiter: str) -> None:
    seen = {table for table in TABLES if floor.sees_table(waiter, table)}
    searched = await store.floor.search_tables(EVERYTHING, requester_waiter_id=waiter)
    assert {row["id"] for row in searched.rows} == seen
    assigned = await store.floor.search_tables(EVERYTHING, waiter_id=waiter)
    assert {row["id"] for row in assigned.rows} == {
        table for table in TABLES if waiter in floor.assigned(table)
    }
    assert set(await store.floor.table_names(list(TABLES), waiter)) == seen


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
