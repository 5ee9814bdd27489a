"""A server that is connected to Dojo: its calls over the WebSocket beside REST, and its payments while
Dojo is away.
"""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import bodies, loads, servers, venues, wrk
from benchmarks.postgres import Postgres
from benchmarks.report import Comparison
from benchmarks.samples import Sample, Subject
from benchmarks.servers import Server
from benchmarks.venues import Venue
from benchmarks.wrk import Load
from tests.support.server import free_port

GET, PAY = "GetOrderByIdV1", "RecordOrderPaymentByIdV1"
_PATIENCE = 60


@dataclass(frozen=True)
class Connected:
    """The running server, and how its Dojo is controlled."""

    postgres: Postgres
    epos: Server
    control: str
    venue: Venue

    def subjects(self) -> Iterator[Subject]:
        get, pay = (make(self.epos.url, self.venue) for make in (loads.get_order, loads.pay))
        yield self._rest("rest get", "GET order, connected server", get)
        yield self._socket("socket get", "same, over the WebSocket", GET, {})
        yield self._rest("rest pay", "record-payment, connected server", pay)
        body = bodies.payment(f"pi_{bodies.UNIQUE}")
        yield self._socket("socket pay", "same, over the WebSocket", PAY, body)
        yield self._rest("away pay", "same, while Dojo is away", pay, is_away=True)

    def _rest(self, key: str, what: str, load: Load, *, is_away: bool = False) -> Subject:
        def measure(seconds: int) -> Sample:
            self._be(is_away=is_away)
            return wrk.run(load, seconds)

        return self._subject(key, what, measure)

    def _socket(self, key: str, what: str, method: str, body: dict[str, Any]) -> Subject:
        venue = self.venue
        frame = frame_of(venue, method, {**body, "orderId": "@ORDER@"})
        orders = (venue.first_open, venue.open) if method == PAY else (1, venue.size)
        wish = {"text": frame, "first": orders[0], "orders": orders[1]}

        def measure(seconds: int) -> Sample:
            self._be(is_away=False)
            more = {"seconds": seconds, "calls": wrk.CONNECTIONS, "tag": next(wrk.TAGS)}
            return Sample(**_ask(f"{self.control}/load", wish | more))

        return self._subject(key, what, measure)

    def _subject(self, key: str, what: str, measure: Callable[[int], Sample]) -> Subject:
        pids = self.epos.pid, self.postgres.pid
        return Subject(key, what, measure, f"{self.venue.size:,}", self._restore, *pids)

    def flood(self, wish: Any) -> Any:
        """Calls in an open loop, and their figures."""
        self._be(is_away=False)
        return _ask(f"{self.control}/flood", wish)

    def _be(self, *, is_away: bool) -> None:
        """Take Dojo away, or wait until the server is connected to it again."""
        if is_away:
            _ask(f"{self.control}/go", {})
            return
        deadline = time.monotonic() + _PATIENCE
        while not _ask(f"{self.control}/state", {})["connected"]:
            if time.monotonic() > deadline:
                raise RuntimeError("the server did not connect to its Dojo; see epos.log")
            time.sleep(0.1)

    def _restore(self) -> None:
        venues.restore(self.postgres, self.venue)
        self.postgres.ask("DELETE FROM outbox")
        if not _ask(f"{self.control}/state", {})["listening"]:
            _ask(f"{self.control}/come", {})


def comparisons(unconnected: Venue) -> Iterator[Comparison]:
    yield Comparison("socket get", "rest get", "the same over REST", 1, 1.3)
    yield Comparison("socket pay", "rest pay", "the same over REST")
    yield Comparison("away pay", "rest pay", "while Dojo is there", 0.9, 1)
    yield Comparison("rest pay", f"pay {unconnected.id}", "a server that is not connected")


@contextmanager
def opened(postgres: Postgres, venue: Venue, scratch: Path) -> Iterator[Connected]:
    """Start a Dojo and a server that connects this venue, which is already seeded, to it."""
    port, control_port = free_port(), free_port()
    control, log = f"http://127.0.0.1:{control_port}", scratch / "dojo.log"
    dojo = {
        "DOJO_TRANSPORT": "websocket",
        "DOJO_VENUE": venue.id,
        "DOJO_API_KEY": "sk_sandbox_bench",
        "DOJO_SOFTWARE_HOUSE_ID": "bench",
        "DOJO_API_URL": f"http://127.0.0.1:{port}",
        "DOJO_WS_URL": f"ws://127.0.0.1:{port}/epos",
    }
    with (
        servers.dojo(port, control_port, log),
        servers.epos(postgres.url, scratch / "epos.log", more=dojo) as epos,
    ):
        yield Connected(postgres, epos, control, venue)


def frame_of(venue: Venue, method: str, params: dict[str, Any]) -> str:
    """A call as Dojo sends it; `@ID@` stands for something unique."""
    sent = {**params, "headers": _headers(venue)}
    return json.dumps({"jsonrpc": "2.0", "id": bodies.UNIQUE, "method": method, "params": sent})


def _headers(venue: Venue) -> dict[str, str]:
    """The same request headers as over REST."""
    names = {
        "waiter-id": "waiterId",
        "dojo-requesting-product": "dojoRequestingProduct",
        "device-id": "deviceId",
        "device-type": "deviceType",
    }
    return {names[name]: value for name, value in venue.headers.items() if name in names}


def _ask(url: str, body: Any) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=_PATIENCE) as response:
        return json.load(response)
