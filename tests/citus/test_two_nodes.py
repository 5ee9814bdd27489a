"""Two processes of one server, each connected to another node, at one venue in the same moment.

The first of two who meet has written and not yet committed when the second comes. Where each node kept its
own locks, the second would decide on what it had read before, and both would be told that they were right.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url

from epos.contract.orders import Order
from epos.contract.parties import Party
from epos.dojo.leases import Lease, Leases
from epos.domain.errors import Conflict, StaleVersion
from epos.store.database import Database
from epos.till_contract.tabs import Tab
from tests.services.test_payment_races import Till, open_till
from tests.services.test_seating_races import Floor
from tests.store.test_wakeups import look_at, process, until_it_listens
from tests.support.application import Application, running_application
from tests.support.cluster import at, nodes
from tests.support.connected import serving, settings
from tests.support.databases import fresh_database
from tests.support.dojo import dojo_account, running_dojo
from tests.support.floor import party
from tests.support.links import heard, is_reached, nothing_waits
from tests.support.meeting import meet
from tests.support.menus import write_menu
from tests.support.orders import order, payment, unique
from tests.support.recording import open_at_table
from tests.support.rows import fetch
from tests.support.server import running_server
from tests.support.services import WiredServices, wired_services
from tests.support.tabs import TillTab, open_tab
from tests.support.venues import Venue, client_at, make_venue
from tests.support.waiting import until
from tests.till.test_tab_life_races import Hands

pytestmark = [pytest.mark.citus, pytest.mark.slow]
Doing = Coroutine[Any, Any, Any]
MANY = 30
LEASE_SECONDS = 2.0


@dataclass(frozen=True)
class Nodes:
    """One database, as it is reached through each node."""

    coordinator: str
    workers: tuple[str, str]

    def ways(self, kind: str) -> tuple[str, str]:
        """Where the two processes are connected."""
        first, second = self.workers
        return {
            "two workers": (first, second),
            "a worker and the coordinator": (second, self.coordinator),
        }[kind]


@pytest.fixture(scope="module")
def reached(postgresql_url: str) -> Iterator[Nodes]:
    with fresh_database(postgresql_url) as url:
        name = make_url(url).database or ""
        coordinator, *workers = (at(node, name) for node in nodes(postgresql_url))
        first, second, *_ = workers
        yield Nodes(coordinator, (first, second))


@pytest.fixture(params=["two workers", "a worker and the coordinator"])
def urls(reached: Nodes, request: pytest.FixtureRequest) -> tuple[str, str]:
    return reached.ways(request.param)


@pytest.fixture
async def applications(urls: tuple[str, str]) -> AsyncIterator[list[Application]]:
    async with AsyncExitStack() as opened:
        yield [await opened.enter_async_context(running_application(url)) for url in urls]


@pytest.fixture
async def venue(urls: tuple[str, str], applications: list[Application]) -> AsyncIterator[Venue]:
    """A venue with a menu, spoken for at the first of both."""
    database = Database(urls[0])
    async with make_venue(database, applications[0]) as venue:
        await write_menu(database, venue.id)
        yield venue
    await database.close()


@pytest.fixture
async def elsewhere(venue: Venue, applications: list[Application]) -> AsyncIterator[Venue]:
    """The same venue, spoken for at the second."""
    async with AsyncExitStack() as clients:

        async def spoken_for(one: Venue) -> Venue:
            client = client_at(applications[1], auth=one.client.auth)
            return Venue(
                venue.id,
                await clients.enter_async_context(client),
                venue.database,
                applications[1],
            )

        there = await spoken_for(venue)
        there.till, there.admin = await spoken_for(venue.till), await spoken_for(venue.admin)
        yield there


class Both:
    """The services of both processes."""

    def __init__(self, here: WiredServices, there: WiredServices) -> None:
        self.here, self.there = here, there

    async def meet(self, first: Doing, second: Doing) -> list[Any]:
        """`first` is of `here`, `second` of `there`. What comes second waits for a lock, and is not
        caught by an index that stands behind it.
        """
        results = await meet(self.here.database, first, second)
        ends = self.there.database.ends
        assert not {asyncpg.DeadlockDetectedError, asyncpg.UniqueViolationError} & ends.keys()
        return results


@pytest.fixture
async def both(urls: tuple[str, str]) -> AsyncIterator[Both]:
    async with wired_services(urls[0]) as here, wired_services(urls[1]) as there:
        yield Both(here, there)


class TestTills:
    @pytest.fixture
    async def tab(self, venue: Venue) -> TillTab:
        """A burger and chips: 1700."""
        return await open_tab(venue, "burger", "chips")

    async def test_of_two_edits_of_one_tab_one_is_told(
        self, both: Both, venue: Venue, tab: TillTab
    ) -> None:
        here, there = Hands(both.here, venue), Hands(both.there, venue)
        added, refusal = await both.meet(here.add(tab, "cake"), there.add(tab, "milk"))
        assert isinstance(added, Tab)
        assert isinstance(refusal, StaleVersion)
        before = tab.shown["version"]
        now = await tab.refresh()
        assert now["version"] == before + 1
        assert [line["plu"] for line in tab.lines] == ["burger", "chips", "cake"]

    async def test_of_two_tills_one_holds_it(self, both: Both, venue: Venue, tab: TillTab) -> None:
        here, there = Hands(both.here, venue), Hands(both.there, venue)
        _, refusal = await both.meet(here.hold(tab, "till 1"), there.hold(tab, "till 2"))
        assert isinstance(refusal, Conflict)

    async def test_a_write_with_one_key_is_carried_out_once(
        self, venue: Venue, elsewhere: Venue, tab: TillTab
    ) -> None:
        body = {
            "version": tab.shown["version"],
            "items": [{"plu": "cake"}],
            "key": unique("key"),
        }
        answers = await asyncio.gather(
            *(one.till.call("POST", f"{tab.path}/items", body) for one in (venue, elsewhere) * 4)
        )
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
        await tab.refresh()
        assert [line["plu"] for line in tab.lines] == ["burger", "chips", "cake"]


class TestTerminals:
    async def test_one_payment_sent_to_both_is_recorded_once(
        self, both: Both, venue: Venue
    ) -> None:
        tab = await open_tab(venue, "burger", "chips")
        here, there = Hands(both.here, venue), Hands(both.there, venue)
        sent = payment(1_700)
        first, again = await both.meet(here.record(tab, sent), there.record(tab, sent))
        assert isinstance(first, Order)
        assert again == first
        ledger = await fetch(venue, "SELECT paid_amount FROM payment WHERE venue_id = $1")
        assert [row["paid_amount"] for row in ledger] == [1_700]

    async def test_of_two_who_would_pay_it_all_one_does(self, both: Both, venue: Venue) -> None:
        tab = await open_tab(venue, "burger", "chips")
        here, there = Hands(both.here, venue), Hands(both.there, venue)
        first, refusal = await both.meet(here.pay(tab, 1_700), there.pay(tab, 1_700))
        assert isinstance(first, Order)
        assert isinstance(refusal, Conflict)
        ledger = await fetch(venue, "SELECT paid_amount FROM payment WHERE venue_id = $1")
        assert [row["paid_amount"] for row in ledger] == [1_700]

    async def test_one_of_two_has_the_lock(self, both: Both, venue: Venue) -> None:
        tab = await open_tab(venue, "burger")
        here, there = Hands(both.here, venue), Hands(both.there, venue)
        locked, refusal = await both.meet(
            here.lock(tab, "terminal 1"), there.lock(tab, "terminal 2")
        )
        assert not isinstance(locked, BaseException)
        assert isinstance(refusal, Conflict)
        locks = await fetch(venue, "SELECT 1 FROM order_lock WHERE venue_id = $1")
        assert len(locks) == 1

    async def test_the_books_agree_after_a_storm(self, venue: Venue, elsewhere: Venue) -> None:
        """Same intents and different ones, each sent to both; their sum is more than the bill."""
        till = await open_till(venue, 10_000)
        there = Till(elsewhere, till.order_id, till.total, till.answers)
        sent = [payment(700) for _ in range(MANY)]
        await asyncio.gather(till.pay_all(sent), there.pay_all(reversed(sent)))
        assert len(await till.check()) == till.total // 700

    async def test_an_order_sent_to_both_is_made_once(self, venue: Venue, elsewhere: Venue) -> None:
        body = order(2_000, dojo_order_id=unique("dojo-order"))
        answers = await asyncio.gather(
            *(one.call("POST", "/v1/orders", body) for one in (venue, elsewhere) * 4)
        )
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert len(await fetch(venue, "SELECT id FROM customer_order WHERE venue_id = $1")) == 1


class TestHosts:
    async def test_of_two_parties_for_one_table_one_sits(self, both: Both, venue: Venue) -> None:
        here, there = Floor(both.here, venue.id), Floor(both.there, venue.id)
        seated, refusal = await both.meet(here.seat(party("t1")), there.seat(party("t2", "t1")))
        assert isinstance(seated, Party)
        assert isinstance(refusal, Conflict)

    async def test_an_order_for_guests_who_sit_down_is_theirs(
        self, both: Both, venue: Venue
    ) -> None:
        here, there = Floor(both.here, venue.id), Floor(both.there, venue.id)
        guests, order_id = await both.meet(here.seat(party("t1")), there.order(tableId="t1"))
        assert await there.place_of(order_id) == ("t1", guests.id)


class TestLeases:
    async def test_one_process_at_a_time_works_for_a_venue(
        self, urls: tuple[str, str], venue: Venue
    ) -> None:
        """Another takes over when it ends, and when it is gone without a word."""
        working: list[str] = []
        most = 0

        def work_of(name: str) -> Any:
            async def work(lease: Lease) -> None:
                nonlocal most
                working.append(name)
                most = max(most, len(working))
                try:
                    await asyncio.sleep(0.05)
                finally:
                    working.remove(name)

            return work

        async def insist(leases: Leases, name: str) -> None:
            async with asyncio.timeout(30):
                for _ in range(5):
                    while not await leases.run(venue.id, "of a test", work_of(name)):
                        await asyncio.sleep(0.01)

        first, second = [Database(url, pool_size=1) for url in urls]
        await asyncio.gather(
            insist(Leases(first, "first"), "first"), insist(Leases(second, "second"), "second")
        )
        (lease,) = await fetch(venue, "SELECT fence FROM lease WHERE venue_id = $1")
        assert most == 1
        assert lease["fence"] == 10, "each time another"
        await asyncio.gather(first.close(), second.close())

    async def test_it_passes_on_when_its_holder_is_gone(
        self, urls: tuple[str, str], venue: Venue
    ) -> None:
        first, second = [Database(url, pool_size=1) for url in urls]
        gone, next_one = Leases(first, "gone", seconds=LEASE_SECONDS), Leases(second, "next")
        assert await gone._take(venue.id, "of a test") == 1
        worked: list[int] = []

        async def work(lease: Lease) -> None:
            worked.append(lease.fence)

        assert not await next_one.run(venue.id, "of a test", work)
        await until(lambda: next_one.run(venue.id, "of a test", work))
        assert worked == [2]
        await asyncio.gather(first.close(), second.close())

    async def test_another_server_keeps_the_connection_when_one_is_killed(
        self, reached: Nodes, tmp_path: Path
    ) -> None:
        """Events of what is changed at either are sent once, by the one that has the lease."""
        lease = "SELECT holder, fence FROM lease WHERE venue_id = $1"
        here, there = reached.workers
        told_at: dict[str, Any] = {"notify_database_url": reached.coordinator}
        async with AsyncExitStack() as opened:
            dojo = await opened.enter_async_context(running_dojo(tmp_path / "dojo.log"))
            account = await opened.enter_async_context(dojo_account(dojo))
            database = Database(there)
            opened.push_async_callback(database.close)
            second = await opened.enter_async_context(
                running_server(there, tmp_path / "second.log", **told_at)
            )
            venue = await opened.enter_async_context(make_venue(database, second))
            first = await opened.enter_async_context(
                serving(account, venue, here, tmp_path / "first.log", **told_at)
            )
            changed_elsewhere = await open_at_table(venue)
            await until(lambda: nothing_waits(venue))
            assert await heard(account, changed_elsewhere) == 1
            (before,) = await fetch(venue, lease)
            await opened.enter_async_context(
                running_server(there, tmp_path / "third.log", **settings(account, venue), **told_at)
            )
            assert await fetch(venue, lease) == [before]
            first.kill()
            await first.process.wait()
            order_id = await open_at_table(venue)
            await until(lambda: is_reached(account))
            await until(lambda: nothing_waits(venue))
            (after,) = await fetch(venue, lease)
            assert await heard(account, order_id) == 1
        assert before["holder"] != after["holder"]
        assert after["fence"] == before["fence"] + 1


class TestWakeups:
    async def test_a_commit_at_one_node_wakes_the_sender_at_another(
        self, reached: Nodes, urls: tuple[str, str], venue: Venue
    ) -> None:
        """Nothing else wakes this sleeper."""
        async with (
            process(reached.coordinator, venue.id) as here,
            process(reached.coordinator, venue.id) as there,
        ):
            with there.sleeper(venue.id) as told:
                await until_it_listens(here, venue, told)
                database = Database(urls[0], pool_size=1, committed=here.committed)
                for _ in range(5):
                    await database.write(venue.id, look_at)
                    async with asyncio.timeout(30):
                        await told.wait()
                    told.clear()
                await database.close()

    async def test_each_node_has_ears_of_its_own(self, urls: tuple[str, str], venue: Venue) -> None:
        """Which is why the processes are told of one URL for this. A third, at the node of the second, is
        heard there.
        """
        async with (
            process(urls[0], venue.id) as here,
            process(urls[1], venue.id) as there,
            process(urls[1], venue.id) as beside,
        ):
            with there.sleeper(venue.id) as told:
                await until_it_listens(beside, venue, told)
                for _ in range(20):
                    here.committed(venue.id)
                    await asyncio.sleep(0.05)
                assert not told.is_set()
