"""What a stored total of the day costs each sale, and what it saves each report.

From the root of the project: .venv/bin/python docs/decisions/measure_totals.py
"""

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

import asyncpg
import uvloop

from epos.store.embedded import EmbeddedPostgres

WRITERS, ROUNDS, SECONDS, SLOTS = 16, 5, 2.0, 16
SALES_OF_A_DAY = 5_000
SCHEMA = """
    CREATE TABLE sale_entry (
        venue_id text, id bigint GENERATED ALWAYS AS IDENTITY, day date, kind text, category text,
        vat_rate bigint, amount bigint, count bigint, PRIMARY KEY (venue_id, id));
    CREATE INDEX ON sale_entry (venue_id, day);
    CREATE TABLE total (
        venue_id text, day date, slot int, kind text, category text, vat_rate bigint,
        amount bigint, count bigint, PRIMARY KEY (venue_id, day, slot, kind, category, vat_rate));
"""
PARTS = """
    (VALUES ('item', 'Food', 2000, 1250, 1), ('item', 'Drinks', 2000, 795, 1),
            ('discount', 'Food', 2000, -45, 0), ('service_charge', '', -1, 250, 0),
            ('vat', '', 2000, 333, 0)) AS part (kind, category, vat_rate, amount, count)
"""
ENTRIES = f"""
    INSERT INTO sale_entry (venue_id, day, kind, category, vat_rate, amount, count)
    SELECT 'v', '2026-11-25', part.* FROM {PARTS}
"""
TOTALS = f"""
    INSERT INTO total SELECT 'v', '2026-11-25', $1::int, part.* FROM {PARTS}
    ON CONFLICT (venue_id, day, slot, kind, category, vat_rate) DO UPDATE
    SET amount = total.amount + excluded.amount, count = total.count + excluded.count
"""
SUMS = """
    SELECT kind, category, vat_rate, sum(amount), sum(count) FROM {} WHERE venue_id = 'v'
    AND day = '2026-11-25' GROUP BY kind, category, vat_rate
"""


def cpu_of(process: int) -> float:
    """User and system time of a process, in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def sales(connections: list[asyncpg.Connection], slots: int) -> tuple[float, float]:
    """Sales a second by sixteen tills of one venue, and milliseconds of CPU of the database for each.
    `slots`: rows that share each total; 0 for none.
    """
    ends = time.perf_counter() + SECONDS
    backends = [connection.get_server_pid() for connection in connections]
    before = sum(map(cpu_of, backends))

    async def sell(number: int, connection: asyncpg.Connection) -> int:
        done = 0
        while time.perf_counter() < ends:
            async with connection.transaction():
                await connection.execute(ENTRIES)
                if slots:
                    await connection.execute(TOTALS, number % slots)
                await connection.execute("SELECT 1")  # the audit entry, and what else follows
            done += 1
        return done

    done = sum(await asyncio.gather(*(sell(*one) for one in enumerate(connections))))
    return done / SECONDS, (sum(map(cpu_of, backends)) - before) / done * 1e3


async def read(connection: asyncpg.Connection, table: str) -> float:
    """Milliseconds of CPU of the database."""
    before = cpu_of(connection.get_server_pid())
    for _ in range(50):
        await connection.fetch(SUMS.format(table))
    return (cpu_of(connection.get_server_pid()) - before) / 50 * 1e3


async def measure(url: str) -> None:
    connections = [await asyncpg.connect(url) for _ in range(WRITERS)]
    await connections[0].execute(SCHEMA)
    ways = {"entries alone": 0, "one total": 1, f"totals in {SLOTS} rows each": SLOTS}
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, slots in ways.items():
            seen[name].append(await sales(connections, slots))
            await connections[0].execute("TRUNCATE sale_entry, total")
    for name, values in seen.items():
        rate, cpu = (statistics.median(column) for column in zip(*values, strict=True))
        print(f"{rate:9,.0f} sales a second, {cpu:6.3f} ms of CPU each   {name}")
    for number in range(SALES_OF_A_DAY):
        await connections[0].execute(ENTRIES)
        await connections[0].execute(TOTALS, number % SLOTS)
    await connections[0].execute("ANALYZE sale_entry, total")
    for table in ("sale_entry", "total"):
        print(f"{await read(connections[0], table):9.2f} ms of CPU to sum up {table}")
    for connection in connections:
        await connection.close()


with (
    tempfile.TemporaryDirectory() as folder,
    EmbeddedPostgres.open(Path(folder) / "pg") as postgres,
):
    uvloop.run(measure(postgres.url))
