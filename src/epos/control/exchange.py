"""A request of a test venue and its answer, over either door, and what a test may ask of them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic_core import from_json

from epos.contract.operations import by_capability


class Transport(StrEnum):
    """How a request came."""

    REST = "rest"
    WEBSOCKET = "websocket"


@dataclass(frozen=True, slots=True)
class Call:
    """What is known of a request before it is carried out."""

    transport: Transport
    capability: str | None
    """The capability, or the name of the till's operation; None where there is no such operation."""
    method: str
    path: str
    ids: Mapping[str, str] = field(default_factory=dict)
    """Of the path, or of a frame's params."""
    waiter_id: str | None = None
    product: str | None = None
    device_id: str | None = None
    body: bytes = b""

    @property
    def order_id(self) -> str | None:
        """The order that the request names in its path; a tab is one."""
        return self.ids.get("orderId") or self.ids.get("tabId")


@dataclass(slots=True)
class Exchange:
    """One entry of a journal."""

    number: int
    call: Call
    trace_id: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    status: int | None = None
    """None: there was no answer. Over the WebSocket, the status that HTTP would have."""
    answer: bytes = b""
    milliseconds: float = 0.0
    fault_id: str | None = None
    note: str | None = None
    """What a fault did to it."""

    @property
    def request_json(self) -> Any:
        return _json(self.call.body)

    @property
    def answer_json(self) -> Any:
        return _json(self.answer)

    @property
    def order_id(self) -> str | None:
        """The order of the request, or the one that it made."""
        if self.call.order_id is not None or self.call.capability not in _MAKE_ORDERS:
            return self.call.order_id
        answer = self.answer_json
        made = answer.get("id") if isinstance(answer, dict) else None
        return made if isinstance(made, str) else None


_MAKE_ORDERS = ("CreateOrder", "open-tab")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an entry of the journal shall be like; None and empty: it does not matter.

    `body` and `answer` are parts: a property that they do not name may be anything.
    """

    capability: str | None = None
    transport: str | None = None
    orderId: str | None = None
    product: str | None = None
    deviceId: str | None = None
    waiterId: str | None = None
    traceId: str | None = None
    status: int | None = None
    faultId: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    answer: Mapping[str, Any] = field(default_factory=dict)

    def differences(self, entry: Exchange) -> list[tuple[str, Any, Any]]:
        """What is not as wanted: the field, what was expected, what it was."""
        known = {
            "capability": entry.call.capability,
            "transport": entry.call.transport.value,
            "orderId": entry.order_id,
            "product": entry.call.product,
            "deviceId": entry.call.device_id,
            "waiterId": entry.call.waiter_id,
            "traceId": entry.trace_id,
            "status": entry.status,
            "faultId": entry.fault_id,
        }
        wanted = {name: getattr(self, name) for name in known}
        wanted["capability"] = normal(self.capability)
        found = [
            (name, value, known[name])
            for name, value in wanted.items()
            if value is not None and value != known[name]
        ]
        if self.body:
            found += _differing("body", dict(self.body), entry.request_json)
        if self.answer:
            found += _differing("answer", dict(self.answer), entry.answer_json)
        return found


def normal(capability: str | None) -> str | None:
    """The newest spelling of a capability; the name of a till's operation stays."""
    known = by_capability(capability) if capability else None
    return known.capability if known else capability


def _json(text: bytes) -> Any:
    """What was sent, as a value; as text, if it is no JSON."""
    if not text:
        return None
    try:
        return from_json(text)
    except ValueError:
        return text.decode("utf-8", "replace")


_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")


def _differing(path: str, wanted: Any, was: Any) -> Iterator[tuple[str, Any, Any]]:
    """Where a value has not what is wanted; it may have more properties."""
    if isinstance(wanted, dict) and isinstance(was, dict):
        for name, value in wanted.items():
            yield from _differing(f"{path}.{name}", value, was.get(name))
    elif isinstance(wanted, list) and isinstance(was, list) and len(wanted) == len(was):
        for index, value in enumerate(wanted):
            yield from _differing(f"{path}[{index}]", value, was[index])
    elif not _same(wanted, was):
        yield path, wanted, was


def _same(wanted: Any, was: Any) -> bool:
    """Times are compared as instants: senders write them in several ways."""
    if isinstance(wanted, str) and isinstance(was, str) and _INSTANT.fullmatch(wanted):
        try:
            return datetime.fromisoformat(wanted) == datetime.fromisoformat(was)
        except (ValueError, TypeError):
            return False
    return bool(wanted == was) and isinstance(wanted, bool) == isinstance(was, bool)
