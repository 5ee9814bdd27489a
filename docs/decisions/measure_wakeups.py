"""What it costs to say after a commit that there is something to send, and how soon it is heard.

From the root of the project: .venv/bin/python docs/decisions/measure_wakeups.py
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import uvloop

from epos.store.embedded import EmbeddedPostgres
from epos.store.wakeups import Wakeups

WRITERS, ROUNDS, SECONDS = 16, 5, 2.0
CHANGE = "UPDATE sale SET paid = paid + 1 WHERE id = $1"
CHANGE_AND_NOTIFY = f"WITH changed AS ({CHANGE}) SELECT pg_notify('inside', 'v')"
HEARINGS = 100


def nothing(_: str) -> None:
    pass


async def commits(pool: asyncpg.Pool, sql: str, after: Callable[[str], None]) -> float:
    """A second, by sixteen writers with a row each."""
    ends = time.perf_counter() + SECONDS

    async def write(row: int) -> int:
        done = 0
        async with pool.acquire() as connection:
            while time.perf_counter() < ends:
                await connection.execute(sql, row)
                after("v")
                done += 1
        return done

    return sum(await asyncio.gather(*map(write, range(WRITERS)))) / SECONDS


async def hearing(mouth: Wakeups, told: asyncio.Event) -> float:
    """Milliseconds from a commit in one process to the sender in another."""
    told.clear()
    started = time.perf_counter()
    mouth.committed("v")
    await told.wait()
    return (time.perf_counter() - started) * 1e3


async def measure(url: str) -> None:
    pool = await asyncpg.create_pool(url, min_size=WRITERS, max_size=WRITERS)
    await pool.execute("CREATE TABLE sale (id int PRIMARY KEY, paid int)")
    await pool.execute("INSERT INTO sale SELECT n, 0 FROM generate_series(0, 99) AS n")
    mouth, ear = Wakeups(url), Wakeups(url)
    running = [asyncio.create_task(one.run()) for one in (mouth, ear)]
    mouth.watch(["v"])
    ear.watch(["v"])
    ways = {
        "commits, nothing said": (CHANGE, nothing),
        "commits, each with NOTIFY": (CHANGE_AND_NOTIFY, nothing),
        "commits, wake-ups after them": (CHANGE, mouth.committed),
    }
    seen: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            seen[name].append(await commits(pool, *way))
    for name, values in seen.items():
        print(f"{statistics.median(values):9,.0f} a second   {name}")
    with ear.sleeper("v") as told:
        heard = [await hearing(mouth, told) for _ in range(HEARINGS)]
    print(f"{statistics.median(heard):9.1f} ms         median until another process is woken")
    print(f"{max(heard):9.1f} ms         the longest of {HEARINGS}")
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    await pool.close()


with (
    tempfile.TemporaryDirectory() as folder,
    EmbeddedPostgres.open(Path(folder) / "pg") as postgres,
):
    uvloop.run(measure(postgres.url))
