"""Who waits for changes hears of a commit at once, and never often."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from epos.store.database import Database
from epos.store.venue_store import VenueStore
from epos.store.wakeups import CHANNEL, GATHER_SECONDS, Wakeups
from tests.support.venues import Venue

_PATIENCE = 30


@asynccontextmanager
async def process(url: str, *venue_ids: str) -> AsyncIterator[Wakeups]:
    """The ear and mouth of one process, which knows that these venues are connected."""
    wakeups = Wakeups(url)
    running = asyncio.create_task(wakeups.run())
    wakeups.watch(venue_ids)
    try:
        yield wakeups
    finally:
        running.cancel()
        await asyncio.wait({running})


async def look_at(store: VenueStore) -> None:
    """The least that a unit of work can do."""
    await store.venue.now()


async def heard(told: asyncio.Event) -> None:
    async with asyncio.timeout(_PATIENCE):
        await told.wait()
    told.clear()


@pytest.fixture
async def overheard(database_url: str, venue: Venue) -> AsyncIterator[list[str]]:
    """Every notification about the venue."""
    said: list[str] = []
    connection = await asyncpg.connect(database_url)
    await connection.add_listener(
        CHANNEL, lambda *heard: said.append(heard[-1]) if heard[-1] == venue.id else None
    )
    yield said
    await connection.close()


async def until_it_listens(wakeups: Wakeups, venue: Venue, told: asyncio.Event) -> None:
    """What is said before the other listens is lost, as hints may be."""
    async with asyncio.timeout(_PATIENCE):
        while not told.is_set():
            wakeups.committed(venue.id)
            await asyncio.sleep(GATHER_SECONDS)
    await asyncio.sleep(0.5)
    told.clear()


async def test_a_commit_wakes_the_sender_of_another_process(
    venue: Venue, database_url: str
) -> None:
    async with process(database_url, venue.id) as one, process(database_url, venue.id) as other:
        with other.sleeper(venue.id) as told:
            await until_it_listens(one, venue, told)
            database = Database(database_url, pool_size=1, committed=one.committed)
            await database.write(venue.id, look_at)
            await heard(told)
            await database.close()


async def test_a_commit_wakes_the_sender_of_its_own_process_without_a_word(
    venue: Venue, database_url: str, overheard: list[str]
) -> None:
    async with process(database_url, venue.id) as one:
        with one.sleeper(venue.id) as told:
            one.committed(venue.id)
            assert told.is_set()
        await asyncio.sleep(3 * GATHER_SECONDS)
    assert overheard == []


async def test_a_storm_of_commits_is_a_word_now_and_then(
    venue: Venue, database_url: str, overheard: list[str]
) -> None:
    async with process(database_url, venue.id) as one, process(database_url, venue.id) as other:
        with other.sleeper(venue.id) as told:
            await until_it_listens(one, venue, told)
            overheard.clear()
            database = Database(database_url, committed=one.committed)
            started = time.monotonic()
            await asyncio.gather(*(database.write(venue.id, look_at) for _ in range(300)))
            await database.close()
            await heard(told)
            await asyncio.sleep(3 * GATHER_SECONDS)
            assert 1 <= len(overheard) <= (time.monotonic() - started) / GATHER_SECONDS + 1


async def test_a_venue_that_nobody_connects_is_not_spoken_of(
    venue: Venue, other_venue: Venue, database_url: str, overheard: list[str]
) -> None:
    async with (
        process(database_url, other_venue.id) as one,
        process(database_url, other_venue.id) as other,
    ):
        with other.sleeper(other_venue.id) as told:
            await until_it_listens(one, other_venue, told)
            one.committed(venue.id)
            one.committed(other_venue.id)
            await heard(told)
    assert overheard == []


async def test_a_connection_that_is_lost_comes_back(venue: Venue, database_url: str) -> None:
    async with process(database_url, venue.id) as one, process(database_url, venue.id) as other:
        with other.sleeper(venue.id) as told:
            await until_it_listens(one, venue, told)
            async with venue.database.connection() as connection:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'epos wake-ups' AND datname = current_database()"
                )
            await until_it_listens(one, venue, told)
