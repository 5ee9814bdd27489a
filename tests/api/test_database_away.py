"""The database goes away and comes back; the server stays, says so, and needs no restart."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from epos.store.database import Database
from tests.support.floor import coffee, open_coffee
from tests.support.proxy import Proxy, proxy_to
from tests.support.refusals import Refusal, logged
from tests.support.server import RunningServer, running_server, wait_until_ready
from tests.support.venues import Venue, make_venue
from tests.support.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture
async def way(database_url: str) -> AsyncIterator[Proxy]:
    async with proxy_to(database_url) as proxy:
        yield proxy


@pytest.fixture
async def far_server(
    way: Proxy, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningServer]:
    """A server whose way to the database can be cut."""
    log = tmp_path_factory.mktemp("far") / "server.log"
    async with running_server(way.url, log) as server:
        yield server


@pytest.fixture
async def far_venue(database: Database, far_server: RunningServer) -> AsyncIterator[Venue]:
    async with make_venue(database, far_server) as venue:
        yield venue


async def status(venue: Venue, path: str) -> int:
    return (await venue.call("GET", path)).status_code


async def test_it_says_so_and_recovers(
    way: Proxy, far_server: RunningServer, far_venue: Venue
) -> None:
    order_id = await open_coffee(far_venue)
    await way.cut()

    for method, path, body in (
        ("GET", f"/v1/orders/{order_id}", None),
        ("POST", "/v1/orders/search", {}),
        ("POST", "/v1/orders", coffee()),
        ("DELETE", f"/v1/orders/{order_id}", None),
    ):
        answer = Refusal.of(await far_venue.call(method, path, body))
        answer.check(503, "UnexpectedError", "")
        assert int(answer.headers["retry-after"]) >= 1
        assert (await logged(far_server.log, answer.error["traceId"]))["status"] == 503
    assert await status(far_venue, "/healthz") == 200
    # It makes its small write at most once a second.
    await until(lambda: is_not_ready(far_venue))
    ready = await far_venue.call("GET", "/readyz")
    Refusal.of(ready).check(503, "UnexpectedError", "database")
    assert "retry-after" in ready.headers

    await way.mend()
    await wait_until_ready(far_server)
    assert (await far_venue.ok("GET", f"/v1/orders/{order_id}"))["status"] == "Accepted"
    await open_coffee(far_venue)


async def is_not_ready(venue: Venue) -> bool:
    return await status(venue, "/readyz") == 503


async def test_an_unknown_credential_is_not_refused_for_it(way: Proxy, far_venue: Venue) -> None:
    """Nobody knows whether it is wrong: 503, and never 401."""
    await way.cut()
    answer = Refusal.of(await far_venue.call("GET", "/v1/areas"))
    answer.check(503, "UnexpectedError", "")


async def test_every_request_of_a_busy_moment_is_answered(way: Proxy, far_venue: Venue) -> None:
    """An order that was answered with 200 is there afterwards; sending the others again is safe."""
    bodies = [coffee() for _ in range(40)]
    sending = asyncio.gather(*(far_venue.call("POST", "/v1/orders", body) for body in bodies))
    await asyncio.sleep(0.05)
    await way.cut()
    answers = [response.status_code for response in await sending]
    assert set(answers) <= {200, 503}
    await way.mend()
    again = [await far_venue.ok("POST", "/v1/orders", body) for body in bodies]
    assert len({made["id"] for made in again}) == len(bodies)
    search = {"cursor": {"limit": 100}}
    found = (await far_venue.ok("POST", "/v1/orders/search", search))["data"]
    assert len(found) == len(bodies)
