"""What is refused before it is read, and that the answer is a whole one."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from epos.domain.credentials import Principal, Role
from epos.domain.errors import Overloaded
from epos.domain.identifiers import Identifiers
from epos.main import build_api
from epos.services.admission import Admission, Lane
from epos.services.authentication import Authentication
from epos.store.database import Database
from epos.web.gate import Gate
from epos.web.route_table import RouteTable

_KNOWN = b"Basic dGhlLXZlbnVlOnNlY3JldA=="
_PAY = b"/v1/orders/ord_1/record-payment"
_TRACE = b"0123456789abcdef"
_HEADERS = {b"host": b"127.0.0.1", b"authorization": _KNOWN, b"content-length": b"90"}


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    """That of the credentials."""
    return Clock()


@pytest.fixture
async def gate(clock: Clock) -> AsyncIterator[Gate]:
    """One venue has as many payments in its queue as may wait; its credentials were right lately."""
    admission = Admission(1, longest=1)
    authentication = Authentication(Database("", 1), seconds=clock)
    authentication.remember(_KNOWN.decode(), Principal("the-venue", "bench", Role.DOJO))
    authentication.remember("Basic other", Principal("another-venue", "bench", Role.DOJO))
    assert admission.try_enter(Lane.PAYMENTS, "the-venue", None)
    waiting = asyncio.create_task(admission.enter(Lane.PAYMENTS, "the-venue", None))
    await asyncio.sleep(0)
    table = RouteTable(build_api(docs=False), admission=admission)
    yield Gate(admission, authentication, table, Identifiers())
    waiting.cancel()


def ask(
    gate: Gate, method: bytes = b"POST", url: bytes = _PAY, **changed: bytes | None
) -> bytes | None:
    """The refusal. `changed`: headers, by their names with underscores; None leaves one out."""
    named = {name.replace("_", "-").encode(): value for name, value in changed.items()}
    headers = {name: value for name, value in (_HEADERS | named).items() if value is not None}
    return gate.refusal(method, url, list(headers.items()))


async def test_the_refusal_is_a_whole_answer(gate: Gate) -> None:
    head, _, body = (ask(gate, x_trace_id=_TRACE) or b"").partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert first == "HTTP/1.1 503 Service Unavailable"
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert int(headers["content-length"]) == len(body)
    assert 1 <= int(headers["retry-after"]) <= 5
    assert headers["x-trace-id"] == _TRACE.decode()
    assert json.loads(body) == {
        "errorType": "UnexpectedError",
        "debugMessage": Overloaded(1).message,
        "traceId": _TRACE.decode(),
    }


async def test_nobody_is_looked_at_here_until_somebody_was_refused(gate: Gate) -> None:
    assert not gate.is_crowded
    assert ask(gate) is not None
    assert gate.is_crowded


async def test_whoever_sends_no_usable_trace_id_gets_one(gate: Gate) -> None:
    answers = [ask(gate), ask(gate, x_trace_id=b'"}'), ask(gate, traceparent=b"00-" + b"1" * 32)]
    bodies = [json.loads((answer or b"").partition(b"\r\n\r\n")[2]) for answer in answers]
    assert len({body["traceId"] for body in bodies}) == 3
    assert all(len(body["traceId"]) == 32 for body in bodies)


async def test_credentials_need_not_be_looked_up_for_a_refusal(gate: Gate, clock: Clock) -> None:
    clock.seconds = 59  # they have to be, to be let in
    assert ask(gate) is not None
    clock.seconds = 61
    assert ask(gate) is None


async def test_those_who_come_again_do_not_all_come_at_the_same_moment(gate: Gate) -> None:
    after = {(ask(gate) or b"").partition(b"retry-after: ")[2][:1] for _ in range(100)}
    assert len(after) > 1


@pytest.mark.parametrize(
    ("method", "url", "changed"),
    [
        (b"POST", _PAY, {"authorization": b"Basic other"}),
        (b"POST", _PAY, {"authorization": b"Basic unknown"}),
        (b"POST", _PAY, {"authorization": None}),
        (b"POST", _PAY, {"origin": b"https://till.example"}),
        (b"POST", _PAY, {"content_length": b"20000"}),
        (b"POST", _PAY, {"content_length": b"-1"}),
        (b"POST", _PAY, {"transfer_encoding": b"chunked"}),
        (b"GET", b"/v1/orders/ord_1", {}),
        (b"GET", b"/healthz", {}),
        (b"GET", b"/nowhere", {}),
    ],
)
async def test_all_else_is_looked_at(
    gate: Gate, method: bytes, url: bytes, changed: dict[str, bytes | None]
) -> None:
    assert ask(gate, method, url, **changed) is None
