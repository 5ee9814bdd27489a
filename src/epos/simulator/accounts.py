"""The accounts of one simulated Dojo, each with its payments and its EPOS."""

import hashlib
from typing import Any

import httpx

from epos.simulator.caller import EposCaller
from epos.simulator.clock import Clock
from epos.simulator.connections import EposSocket
from epos.simulator.copies import Copies
from epos.simulator.faults import Faults
from epos.simulator.formats import DojoIds, now_text
from epos.simulator.intents import Intents
from epos.simulator.journal import Direction, Journal, MessageTransport
from epos.simulator.options import Options, Shared
from epos.simulator.payment_events import PaymentEvents
from epos.simulator.published import PublishedDocuments
from epos.simulator.registrations import Registrations
from epos.simulator.terminal_sessions import TerminalSessions

Json = dict[str, Any]
KEY_PREFIX = "sk_sandbox_"
NOBODY = "nobody"
"""Where the journal keeps the messages of those who have no account."""


class UnknownAccount(Exception):
    """The control API names an account that does not exist, or none where there are several."""


class DojoAccount:
    """One account: whoever has its API key."""

    def __init__(self, key: str, shared: Shared) -> None:
        self.id = f"acc_{hashlib.sha256(key.encode()).hexdigest()[:14]}"
        self.key_ends = key[-4:]
        self.software_houses: set[str] = set()
        self.ids = shared.ids
        self.journal = shared.journal
        self.options = shared.options
        self.clock = Clock()
        self.registrations = Registrations()
        self.faults = Faults()
        self.socket = EposSocket(self._complain)
        self.received: list[Json] = []
        """The events of the EPOS, oldest first."""
        self.caller = EposCaller(self.id, self.registrations, self.socket, self.faults, shared)
        self.copies = Copies(self.caller, self.options)
        self.payment_events = PaymentEvents(self.id, self.caller, self.faults, shared)
        self.intents = Intents(self.ids, self.payment_events.tell)
        self.terminal_sessions = TerminalSessions(self.ids, self.intents, self.options)
        self.people: Any = None
        """The terminal, the phone and the desk, once somebody asks for them."""

    def hear(self, kind: str, entity: str) -> None:
        """An event of the EPOS: something has changed there."""
        self.received.append({"eventType": kind, "entity": entity, "at": now_text()})
        if self.options.fetches:
            self.copies.fetch(kind, entity)

    def json(self) -> Json:
        return {
            "id": self.id,
            "keyEnds": self.key_ends,
            "softwareHouseIds": sorted(self.software_houses),
            "connected": self.socket.is_connected,
            "handshakes": self.socket.handshakes,
            "capabilities": sorted(self.registrations.routed),
            "eventsWaiting": self.payment_events.waiting,
        }

    def _complain(self, note: str, frame: Any, violations: list[str]) -> None:
        self.journal.write(
            self.id,
            Direction.FROM_EPOS,
            MessageTransport.WEBSOCKET,
            str(frame.get("method", "")) if isinstance(frame, dict) else "",
            str(frame.get("id", "")) if isinstance(frame, dict) else "",
            ok=not violations,
            body=frame,
            note=note,
            violations=violations,
        )


class Accounts:
    """All of them, by their keys."""

    def __init__(self, options: Options, http: httpx.AsyncClient) -> None:
        published = PublishedDocuments(options.contract) if options.contract else None
        self.shared = Shared(options, http, Journal(), DojoIds(options.seed), published)
        self._by_key: dict[str, DojoAccount] = {}

    @property
    def all(self) -> list[DojoAccount]:
        return list(self._by_key.values())

    def account_of(self, key: str) -> DojoAccount:
        """An account is made when its key is first used."""
        if key not in self._by_key:
            self._by_key[key] = DojoAccount(key, self.shared)
        return self._by_key[key]

    def named(self, account_id: str | None) -> DojoAccount:
        """Raises UnknownAccount. Without a name, the only one there is."""
        if account_id is None and len(self._by_key) == 1:
            return next(iter(self._by_key.values()))
        for account in self._by_key.values():
            if account.id == account_id:
                return account
        if account_id is None:
            raise UnknownAccount(f"{len(self._by_key)} accounts: name one with ?account=")
        raise UnknownAccount(f"no account {account_id}")


def api_key(authorization: str | None) -> str | None:
    """The raw key after `Basic `, or None: base64 of anything is no key."""
    if authorization is None or not authorization.startswith("Basic "):
        return None
    key = authorization.removeprefix("Basic ")
    return key if key.startswith(KEY_PREFIX) and len(key) > len(KEY_PREFIX) else None
