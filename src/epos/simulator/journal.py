"""Every message in both directions, and what was wrong with it."""

from collections import deque
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from epos.simulator.formats import now_text

Json = dict[str, Any]
_MOST_ENTRIES = 20_000


class Direction(StrEnum):
    TO_EPOS = "to-epos"
    FROM_EPOS = "from-epos"


class MessageTransport(StrEnum):
    """How a message travelled; `api` is Dojo's own API host."""

    REST = "rest"
    WEBSOCKET = "websocket"
    API = "api"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One message. `ok` is whether it went well, `violations` whether it was as published."""

    number: int
    at: str
    account: str
    direction: Direction
    transport: MessageTransport
    method: str
    id: str
    ok: bool
    body: Any = None
    status: int | None = None
    note: str | None = None
    milliseconds: float | None = None
    violations: list[str] = field(default_factory=list)

    def json(self) -> Json:
        return {name: value for name, value in asdict(self).items() if value is not None}


class Journal:
    """The newest entries, and every violation."""

    def __init__(self) -> None:
        self._entries: deque[JournalEntry] = deque(maxlen=_MOST_ENTRIES)
        self._violating: list[JournalEntry] = []
        self._count = 0

    def write(  # noqa: PLR0913 - the columns of a journal
        self,
        account: str,
        direction: Direction,
        transport: MessageTransport,
        method: str,
        message_id: str,
        *,
        ok: bool = True,
        body: Any = None,
        status: int | None = None,
        note: str | None = None,
        milliseconds: float | None = None,
        violations: list[str] | None = None,
    ) -> None:
        self._count += 1
        entry = JournalEntry(
            number=self._count,
            at=now_text(),
            account=account,
            direction=direction,
            transport=transport,
            method=method,
            id=message_id,
            ok=ok,
            body=body,
            status=status,
            note=note,
            milliseconds=milliseconds,
            violations=violations or [],
        )
        self._entries.append(entry)
        if entry.violations:
            self._violating.append(entry)

    def entries(
        self, account: str, *, after: int = 0, method: str | None = None, limit: int = 1000
    ) -> list[JournalEntry]:
        """The newest `limit` of an account, oldest first."""
        found = [
            entry
            for entry in self._entries
            if entry.account == account and entry.number > after and method in (None, entry.method)
        ]
        return found[-limit:]

    def violations(self, account: str) -> list[JournalEntry]:
        return [entry for entry in self._violating if entry.account == account]
