"""What belongs to the WebSocket: JSON-RPC on one connection."""

import asyncio

from epos.check.exchanges import WEBSOCKET
from epos.check.registry import Obligation, check
from epos.check.subject import Epos

_MUST, _SHOULD = Obligation.MUST, Obligation.SHOULD
_ONLY_SOCKET = (WEBSOCKET,)
_SOURCE = "EPOS Data API WebSocket 1.0, JsonrpcResponseV1: required: method, jsonrpc, id"
_AT_ONCE = 20


@check(
    _MUST,
    "SearchOrders",
    source=_SOURCE,
    not_proved="That every answer has it.",
    writes=False,
    transports=_ONLY_SOCKET,
)
async def envelope(epos: Epos) -> None:
    """An answer is JSON-RPC 2.0, with the method that was called, and either a result or an error."""
    answer = await epos.ask("SearchOrders", {"cursor": {"limit": 1}})
    epos.ready(answer, "SearchOrders")
    frame = answer.received.body
    epos.same("2.0", frame.get("jsonrpc"), "jsonrpc")
    epos.same(answer.sent["method"], frame.get("method"), "method")
    epos.expect("result" in frame and "error" not in frame, "a result alone", str(sorted(frame)))


@check(
    _MUST,
    "SearchOrders",
    source="EPOS Data API WebSocket 1.0, info: Dojo multiplexes every method over one connection",
    not_proved="That it holds for more, or for long.",
    writes=False,
    transports=_ONLY_SOCKET,
)
async def many_at_once(epos: Epos) -> None:
    """Requests that are sent before the first is answered are all answered, each by its id."""
    body = {"cursor": {"limit": 1}}
    answers = await asyncio.gather(*(epos.ask("SearchOrders", body) for _ in range(_AT_ONCE)))
    answered = sum(answer.ok for answer in answers)
    epos.same(_AT_ONCE, answered, "answers")


@check(
    _SHOULD,
    "SearchOrders",
    source="Not stated by Dojo; inferred: every request has an answer, and the connection stays",
    not_proved="What Dojo does then.",
    writes=False,
    transports=_ONLY_SOCKET,
)
async def unknown_method(epos: Epos) -> None:
    """A method that is newer than the EPOS is refused as InvalidRequest, and the connection stays."""
    sent = epos.link.form(epos.call("SearchOrders")) | {"method": "TeleportOrderV1"}
    answer = await epos.send("SearchOrders", sent)
    epos.refused(answer, "InvalidRequest", "there is no such method")
