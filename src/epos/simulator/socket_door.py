"""Calls to the EPOS as JSON-RPC frames on the connection that it keeps open."""

from typing import Any

from epos.simulator.calls import Call, Reply
from epos.simulator.checks import error_violations
from epos.simulator.lines import Lines

Json = dict[str, Any]


class SocketDoor:
    """One account's WebSocket integration."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    async def ask(self, call: Call, seconds: float, *, cut: str | None = None) -> Reply:
        """Raises Silence."""
        frame = {
            "jsonrpc": "2.0",
            "id": call.id,
            "method": call.operation.websocket_method,
            "params": call.params,
        }
        return _read(call, await self._lines.ask(frame, seconds, cut=cut))


def _read(call: Call, frame: Json) -> Reply:
    violations = [*frame.get("_violations", []), *_envelope_violations(call, frame)]
    if "error" not in frame:
        return Reply(answer=frame.get("result"), violations=violations)
    error = frame["error"]
    violations += error_violations(error)
    if not isinstance(error, dict):
        error = {"errorType": "UnexpectedError"}
    return Reply(error=error, violations=violations)


def _envelope_violations(call: Call, frame: Json) -> list[str]:
    checks = {
        'jsonrpc: is not "2.0"': frame.get("jsonrpc") == "2.0",
        "method: is not the one that was called": (
            frame.get("method") == call.operation.websocket_method
        ),
        "the frame: has not exactly one of result and error": (
            ("result" in frame) != ("error" in frame)
        ),
    }
    return [words for words, holds in checks.items() if not holds]
