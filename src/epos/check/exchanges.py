"""One request to the EPOS and its answer, as they were on the wire."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
REST, WEBSOCKET = "rest", "websocket"


@dataclass(frozen=True, slots=True)
class Received:
    """What came back: over REST a status, headers and a body, over the WebSocket a frame."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    """The body or the frame as JSON; None where there is none, or it is no JSON."""
    text: str | None = None
    """What came where it is no JSON."""
    silence: str | None = None
    """Why nothing came."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, and what came back. Neither the password nor the API key is in it."""

    number: int
    check: str
    at: str
    transport: str
    capability: str
    sent: Json
    received: Received
    milliseconds: float

    @property
    def content(self) -> Any:
        """The answer of the operation; None for an error."""
        if not self.ok:
            return None
        if self.transport == REST:
            return self.received.body
        return self.received.body.get("result")

    @property
    def ok(self) -> bool:
        if self.received.silence is not None:
            return False
        if self.transport == REST:
            return self.received.status is not None and 200 <= self.received.status < 300
        return isinstance(self.received.body, dict) and "error" not in self.received.body

    @property
    def error(self) -> Any:
        """The body of an error, whatever it is; None for a success."""
        if self.ok or self.received.silence is not None:
            return None
        body = self.received.body
        if self.transport == REST:
            return body
        return body.get("error") if isinstance(body, dict) else body

    @property
    def kind(self) -> str | None:
        """The `errorType`, if there is one."""
        error = self.error
        kind = error.get("errorType") if isinstance(error, dict) else None
        return kind if isinstance(kind, str) else None

    @property
    def words(self) -> str:
        """What came back, in a few words."""
        if self.received.silence is not None:
            return self.received.silence
        status = "" if self.received.status is None else f"{self.received.status} "
        if self.ok:
            return f"{status}success".strip()
        return f"{status}{self.kind or 'without an errorType'}".strip()

    def json(self) -> Json:
        """A line of the bundle."""
        known = {
            "status": self.received.status,
            "headers": self.received.headers or None,
            "body": self.received.body,
            "text": self.received.text,
            "silence": self.received.silence,
        }
        return {
            "number": self.number,
            "check": self.check,
            "at": self.at,
            "transport": self.transport,
            "capability": self.capability,
            "sent": self.sent,
            "received": {name: value for name, value in known.items() if value is not None},
            "milliseconds": self.milliseconds,
        }
