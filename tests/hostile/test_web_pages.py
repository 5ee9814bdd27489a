"""A web page that somebody opens beside the server can make the browser send; it writes nothing."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.support.orders import order
from tests.support.raw_http import credential_of, head, raw_answer
from tests.support.refusals import Refusal
from tests.support.server import RunningServer, running_server
from tests.support.venues import SECRET, Venue

pytestmark = pytest.mark.slow
TILL = "https://till.example"
EVIL = "https://evil.example"
SAFE = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@pytest.fixture(scope="module")
async def open_server(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningServer]:
    """It is open to a browser till, has the demo, and is called by a name."""
    log: Path = tmp_path_factory.mktemp("server") / "server.log"
    async with running_server(
        database_url, log, allowed_origins=TILL, allowed_hosts="epos.example", demo="true"
    ) as server:
        yield server


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": EVIL},
        {"origin": "null"},
        {"origin": "http://["},
        {"origin": "http://127.0.0.1"},
        {"origin": EVIL, "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_a_foreign_page_writes_nothing(venue: Venue, headers: dict[str, str]) -> None:
    answer = Refusal.of(await venue.client.post("/v1/orders", json=order(500), headers=headers))
    answer.check(403, "InvalidRequest", "another origin")
    assert (await venue.ok("POST", "/v1/orders/search", {}))["data"] == []


async def test_the_own_page_and_what_is_no_browser_may_write(
    server: RunningServer, venue: Venue
) -> None:
    for headers in ({"origin": server.base_url}, {"sec-fetch-site": "same-origin"}, {}):
        answer = await venue.client.post("/v1/orders", json=order(500), headers=headers)
        assert answer.status_code == 200, answer.text


async def test_a_name_that_was_rebound_pays_nothing(open_server: RunningServer) -> None:
    """The page's own name has the address 127.0.0.1 now: for the browser it is the same origin."""
    async with httpx.AsyncClient(base_url=open_server.base_url, auth=("demo", "demo")) as client:
        for host in ("evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost."):
            rebound = {"host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"}
            for method, path in (("GET", "/v1/areas"), ("POST", "/v1/orders/search")):
                answer = await client.request(method, path, json={}, headers=rebound)
                Refusal.of(answer).check(400, "InvalidRequest", "EPOS_ALLOWED_HOSTS")
        for host in ("localhost:80", "LOCALHOST", "127.0.0.2", "[::1]:8080", "epos.example:443"):
            assert (await client.get("/v1/areas", headers={"host": host})).status_code == 200
        # A health check may come by any name or address.
        assert (await client.get("/healthz", headers={"host": "192.0.2.1"})).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "Forwarded: for=192.0.2.1",
        "X-Forwarded-For: 192.0.2.1",
        "x-forwarded-proto: https",
        "Via: 1.1 x",
    ],
)
async def test_the_demo_is_not_open_through_a_proxy(
    open_server: RunningServer, venue: Venue, header: str
) -> None:
    name, _, value = header.partition(": ")
    async with httpx.AsyncClient(base_url=open_server.base_url) as client:
        for user in ("demo", "demo.till", "demo.admin"):
            path = "/v1/areas" if user == "demo" else "/till/v1/profile"
            assert (await client.get(path, auth=(user, "demo"))).status_code == 200
            answer = await client.get(path, auth=(user, "demo"), headers={name: value})
            Refusal.of(answer).check(401, "InvalidRequest", "credentials")
        own = await client.get(
            "/v1/areas", auth=(f"{venue.id}.dojo", SECRET), headers={name: value}
        )
        assert own.status_code == 200, "a credential of one's own may come through a proxy"


async def test_a_browser_till_asks_first_and_then_reads(
    open_server: RunningServer, venue: Venue
) -> None:
    asked = {
        "origin": TILL,
        "access-control-request-method": "PUT",
        "access-control-request-headers": "authorization,content-type,waiter-id,device-id",
    }
    async with httpx.AsyncClient(base_url=open_server.base_url) as client:
        permit = await client.options("/v1/orders", headers=asked)
        assert permit.status_code == 200
        assert permit.headers["access-control-allow-origin"] == TILL
        assert permit.headers["access-control-allow-credentials"] == "true"
        assert "PUT" in permit.headers["access-control-allow-methods"]
        assert "authorization" in permit.headers["access-control-allow-headers"].lower()
        assert SAFE.items() <= dict(permit.headers).items()
        sent = {"origin": TILL, "sec-fetch-site": "cross-site"}
        for auth, status in (((f"{venue.id}.dojo", SECRET), 200), (("nobody", "x"), 401)):
            answer = await client.post("/v1/orders", json=order(500), auth=auth, headers=sent)
            assert answer.status_code == status, "a refusal can be read, too"
            assert answer.headers["access-control-allow-origin"] == TILL
            assert "x-trace-id" in answer.headers["access-control-expose-headers"]


async def test_nobody_else_is_let_in(open_server: RunningServer, server: RunningServer) -> None:
    """Not another page, and none at all where no origin is allowed."""
    for running, origin in ((open_server, EVIL), (open_server, TILL + ".evil"), (server, TILL)):
        async with httpx.AsyncClient(base_url=running.base_url) as client:
            headers = {"origin": origin, "access-control-request-method": "POST"}
            asked = await client.options("/v1/orders", headers=headers)
            read = await client.get("/v1/areas", headers={"origin": origin})
        for answer in (asked, read):
            assert answer.status_code == 401
            assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_every_status_has_the_safe_headers(server: RunningServer, venue: Venue) -> None:
    credential, host = credential_of(venue), "host: 127.0.0.1"
    typed, length = "content-type: application/json", "content-length: 2"
    requests = {
        200: head("GET /v1/areas HTTP/1.1", host, credential=credential),
        400: b"GET /v1/areas HTTP/1.1\r\nnot a header\r\n\r\n",
        401: head("GET /v1/areas HTTP/1.1", host),
        403: head("POST /v1/orders HTTP/1.1", host, f"origin: {EVIL}", credential=credential),
        404: head("GET /v1/orders/nothing HTTP/1.1", host, credential=credential),
        405: head("PUT /v1/areas HTTP/1.1", host, credential=credential),
        413: head(
            "POST /v1/orders HTTP/1.1",
            host,
            typed,
            "content-length: 9999999",
            credential=credential,
        ),
        415: head("POST /v1/orders HTTP/1.1", host, length, credential=credential) + b"{}",
        431: head("GET /v1/areas HTTP/1.1", host, "x: " + "a" * 20_000, credential=credential),
    }
    for status, request in requests.items():
        answer = await raw_answer(server, request)
        assert answer.status == status, answer.body
        assert SAFE.items() <= answer.headers.items(), status


async def test_pages_for_people_have_the_headers_too(venue: Venue) -> None:
    page = await venue.client.get("/docs")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "script-src 'self'" in page.headers["content-security-policy"]
    names = SAFE.keys() - {"content-security-policy"}
    assert {name: page.headers[name] for name in names} == {name: SAFE[name] for name in names}
