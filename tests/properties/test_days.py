"""Whatever happens over a few days, in whatever order: each day reconciles, and a closed one never
changes.

`DAYS_EXAMPLES` makes the search longer than CI has time for.
"""

import asyncio
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epos.store.database import Database
from tests.properties.days_model import Bookkeeper, Step
from tests.support.menus import write_menu
from tests.support.server import RunningServer
from tests.support.venues import make_venue

_EXAMPLES = int(os.environ.get("DAYS_EXAMPLES", "12"))

which = st.integers(0, 7)
amounts = st.sampled_from([1, 333, 500, 1_250])
tips = st.sampled_from([0, 1, 99])
plus = st.sampled_from(["burger", "cake", "wine"])
steps = st.one_of(
    st.tuples(st.just("sell"), amounts, st.sampled_from([0, 1])),
    st.tuples(st.just("open_tab"), plus),
    st.tuples(st.just("add"), which, plus),
    st.tuples(st.just("void"), which),
    st.tuples(st.just("charge"), which, st.sampled_from([0, 1_250])),
    st.tuples(st.just("card"), which, amounts, tips),
    st.tuples(st.just("counter"), which, st.sampled_from([None, "voucher"]), amounts, tips),
    st.tuples(st.just("hear"), which, st.sampled_from(["Captured", "Reversed", "Refunded"])),
    st.tuples(st.just("give_back"), which, st.sampled_from(["refund", "correct"])),
    st.tuples(st.just("cancel"), which),
    st.tuples(st.just("send"), which),
    st.tuples(st.just("cancel_at_till"), which),
    st.tuples(st.just("move_cash"), st.sampled_from(["paid-in", "paid-out", "to-safe"]), amounts),
    st.tuples(st.just("wait"), st.sampled_from([1, 6, 9, 30])),
    st.tuples(st.just("close")),
)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
async def test_every_day_reconciles_and_a_closed_one_never_changes(
    server: RunningServer, database: Database
) -> None:
    loop = asyncio.get_running_loop()

    async def days(of: list[Step]) -> None:
        async with make_venue(database, server) as venue:
            await write_menu(database, venue.id)
            await Bookkeeper(venue).live(of)

    @settings(
        max_examples=_EXAMPLES,
        derandomize=_EXAMPLES == 12,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(steps, min_size=10, max_size=30))
    def always(of: list[Step]) -> None:
        asyncio.run_coroutine_threadsafe(days(of), loop).result(300)

    await asyncio.to_thread(always)
