"""What the report of a large day costs: CPU time of the server and of its database, not of the clock.

`REPORT_TABS` makes the day another one; with `pytest -s` the cost is printed.
"""

import os
import time
from pathlib import Path

import pytest

from epos.domain.requester import Requester
from epos.store.database import Database
from tests.support.large_days import LAST_DAY, sell
from tests.support.services import WiredServices
from tests.support.venues import Venue

TABS = int(os.environ.get("REPORT_TABS", "5000"))
REPORTS = 40
"""Clocks count in hundredths of a second."""
MOST_SECONDS = 0.2
_CALLS = """
    SELECT pid FROM pg_stat_activity WHERE datname = current_database()
"""


def cpu_of(process: int) -> float:
    """User and system time of a process, in seconds; 0 for one that has ended."""
    try:
        fields = (
            Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        )
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def spent(database: Database) -> float:
    """CPU time of this process and of the database's processes for its connections."""
    async with database.connection() as connection:
        backends = [row["pid"] for row in await connection.fetch(_CALLS)]
    return time.process_time() + sum(map(cpu_of, backends))


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_day_of_five_thousand_tabs(services: WiredServices, venue: Venue) -> None:
    await sell(venue, TABS)
    requester = Requester(venue.id, "till", "trace-of-a-test")
    told = await services.till.days.report(LAST_DAY, requester)
    before = await spent(services.database)
    for _ in range(REPORTS):
        await services.till.days.report(LAST_DAY, requester)
    seconds = (await spent(services.database) - before) / REPORTS
    assert (told.sales, told.orders, told.covers) == (TABS * 2_250, TABS, 2 * TABS)
    assert told.reconciliation.difference == told.reconciliation.ledgerDifference == 0
    print(f"\n{TABS} tabs: {seconds * 1e3:.1f} ms of CPU")  # noqa: T201 - with pytest -s
    assert seconds < MOST_SECONDS
