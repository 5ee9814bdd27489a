"""One venue sends a storm of what is refused; another on the same server goes on working."""

import asyncio
import json
from collections import Counter

import pytest

from tests.support.neighbours import undisturbed
from tests.support.orders import order
from tests.support.raw_http import credential_of, head, raw_answer
from tests.support.server import RunningServer
from tests.support.venues import Venue

HOST = "host: 127.0.0.1"
JSON = "content-type: application/json"
BODY = json.dumps(order(900)).encode()
LENGTH = f"content-length: {len(BODY)}"
OFFER = ("connection: Upgrade, HTTP2-Settings", "upgrade: h2c", "http2-settings: AAMAAABkAAQAAP__")
CREATE = "POST /v1/orders HTTP/1.1"
_AT_ONCE, _TIMES = 20, 10

STORMS: dict[str, tuple[str, tuple[str, ...], bytes, int]] = {
    "writes of a foreign page": (
        CREATE,
        (HOST, JSON, LENGTH, "origin: https://a.example"),
        BODY,
        403,
    ),
    "writes of another site": (
        CREATE,
        (HOST, JSON, LENGTH, "sec-fetch-site: cross-site"),
        BODY,
        403,
    ),
    "a rebound name": (CREATE, ("host: evil.example", JSON, LENGTH), BODY, 400),
    "bodies without a type": (CREATE, (HOST, LENGTH), BODY, 415),
    "offers of HTTP/2": (CREATE, (HOST, JSON, LENGTH, *OFFER), BODY, 200),
    "no host": (CREATE, (JSON, LENGTH), BODY, 400),
    "an unknown transfer coding": (CREATE, (HOST, JSON, "transfer-encoding: xchunked"), BODY, 400),
    "a body that is said to be compressed": (
        CREATE,
        (HOST, JSON, LENGTH, "content-encoding: gzip"),
        BODY,
        415,
    ),
    "headers that are too large": (
        CREATE,
        (HOST, JSON, LENGTH, "x-large: " + "a" * 40_000),
        BODY,
        431,
    ),
    "a path that is not there": ("GET /v1/nothing/at/all HTTP/1.1", (HOST,), b"", 404),
}


@pytest.mark.parametrize("storm", STORMS)
async def test_a_storm(server: RunningServer, venue: Venue, other_venue: Venue, storm: str) -> None:
    first_line, lines, body, status = STORMS[storm]
    request = head(first_line, *lines, credential=credential_of(venue)) + body

    async def attack() -> None:
        assert await statuses(server, request) == {status: _AT_ONCE * _TIMES}

    await undisturbed(other_venue, attack)


async def test_a_storm_of_wrong_passwords(server: RunningServer, other_venue: Venue) -> None:
    request = head("GET /v1/areas HTTP/1.1", HOST, credential="Basic d3Jvbmc6d3Jvbmc=")

    async def attack() -> None:
        answers = [raw_answer(server, request) for _ in range(_AT_ONCE)]
        assert {answer.status for answer in await asyncio.gather(*answers)} == {401}

    await undisturbed(other_venue, attack)


async def test_a_storm_of_locks_of_a_year(venue: Venue, other_venue: Venue) -> None:
    made = await venue.ok("POST", "/v1/orders", order(900))
    lock = {"lockId": "l", "expiry": "2090-01-01T00:00:00Z", "waiterId": 0, "unknown": [1] * 1_000}

    async def attack() -> None:
        for _ in range(_TIMES):
            asked = (
                venue.refused(400, "POST", f"/v1/orders/{made['id']}/lock", lock)
                for _ in range(_AT_ONCE)
            )
            await asyncio.gather(*asked)

    await undisturbed(other_venue, attack)


async def statuses(server: RunningServer, request: bytes) -> Counter[int]:
    """The statuses of many such requests, each on a connection of its own."""
    found: Counter[int] = Counter()
    for _ in range(_TIMES):
        answers = await asyncio.gather(*(raw_answer(server, request) for _ in range(_AT_ONCE)))
        found.update(answer.status for answer in answers)
    return found
