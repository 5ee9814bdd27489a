"""What it costs to read one order by id, in three ways. Needs a running server with the demo venue.

From the root of the project: .venv/bin/python docs/decisions/measure_statements.py [DATA_DIR]
"""

import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import asyncpg
import uvloop
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from epos.store.database import Database
from epos.store.embedded import attach
from epos.store.orders import _BY_ID
from epos.store.tables import customer_order

ROUNDS, CALLS = 9, 500


async def microseconds(read: Callable[[], Awaitable[None]]) -> float:
    started = time.perf_counter()
    for _ in range(CALLS):
        await read()
    return (time.perf_counter() - started) / CALLS * 1e6


async def measure(database: Database, engine: AsyncEngine) -> None:
    wanted = select(customer_order.c.id).where(customer_order.c.venue_id == "demo").limit(1)
    async with engine.connect() as connection:
        order_id = (await connection.execute(wanted)).scalar_one()

    async def executed_by_sqlalchemy() -> None:
        async with engine.connect() as connection:
            named = {"venue_id": "demo", "order_id": order_id}
            (await connection.execute(_BY_ID.clause, named)).first()

    async def compiled_on_its_connection() -> None:
        async with engine.connect() as connection:
            lent = (await connection.get_raw_connection()).driver_connection
            assert lent is not None
            await _BY_ID.first(lent, venue_id="demo", order_id=order_id)

    async def compiled_on_our_pool() -> None:
        async with database.read("demo") as store:
            await store.orders.answer(order_id)

    ways = (executed_by_sqlalchemy, compiled_on_its_connection, compiled_on_our_pool)
    seen: dict[str, list[float]] = {way.__name__: [] for way in ways}
    for _ in range(ROUNDS):
        for way in ways:
            seen[way.__name__].append(await microseconds(way))
    for name, values in seen.items():
        print(f"{statistics.median(values):8.1f} microseconds  {name}")


async def main() -> None:
    url = attach(Path(sys.argv[1] if len(sys.argv) > 1 else "var/epos"))
    if url is None:
        sys.exit("start the server first: make serve")
    database = Database(url, pool_size=2)
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=partial(asyncpg.connect, url),
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
    )
    await measure(database, engine)
    await engine.dispose()
    await database.close()


uvloop.run(main())
