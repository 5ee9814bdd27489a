"""Everything that one simulated Dojo holds: its accounts, each with its money and its EPOS."""

import hashlib
from typing import Any

import httpx

from epos.simulator.caller import EposCaller
from epos.simulator.copies import Copies
from epos.simulator.faults import Faults
from epos.simulator.identifiers import Identifiers
from epos.simulator.integrations import Integrations
from epos.simulator.intents import Intents
from epos.simulator.journal import Direction, Journal, Transport
from epos.simulator.lines import Lines
from epos.simulator.moments import now_text
from epos.simulator.notices import Notices
from epos.simulator.options import Options
from epos.simulator.published import PublishedDocuments
from epos.simulator.rest_door import RestDoor
from epos.simulator.shared import Shared

Json = dict[str, Any]
KEY_PREFIX = "sk_sandbox_"


class UnknownAccount(Exception):
    """The control API names an account that is not, or none where there are several."""


class Account:
    """One account: whoever has its API key."""

    def __init__(self, key: str, world: "World") -> None:
        self.id = f"acc_{hashlib.sha256(key.encode()).hexdigest()[:14]}"
        self.key_ends = key[-4:]
        self.software_houses: set[str] = set()
        self.identifiers = world.shared.identifiers
        self.journal = world.shared.journal
        self.options = world.shared.options
        self.integrations = Integrations()
        self.faults = Faults()
        self.lines = Lines(self._complain)
        self.received: list[Json] = []
        """The events the EPOS has sent, oldest first."""
        rest = RestDoor(world.http, self.integrations)
        self.caller = EposCaller(
            self.id, self.integrations, rest, self.lines, self.faults, world.shared
        )
        self.copies = Copies(self.caller, self.options)
        self.notices = Notices(self.id, self.caller, self.faults, world.shared)
        self.intents = Intents(self.identifiers, self.notices.tell)
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
            "connected": self.lines.is_connected,
            "handshakes": self.lines.handshakes,
            "capabilities": sorted(self.integrations.routed),
            "eventsWaiting": self.notices.waiting,
        }

    def _complain(self, note: str, frame: Any, violations: list[str]) -> None:
        self.journal.write(
            self.id,
            Direction.FROM_EPOS,
            Transport.WEBSOCKET,
            str(frame.get("method", "")) if isinstance(frame, dict) else "",
            str(frame.get("id", "")) if isinstance(frame, dict) else "",
            ok=not violations,
            body=frame,
            note=note,
            violations=violations,
        )


class World:
    """The whole of it."""

    def __init__(self, options: Options, http: httpx.AsyncClient) -> None:
        self.http = http
        self.journal = Journal()
        self.identifiers = Identifiers(options.seed)
        self.published = PublishedDocuments(options.contract) if options.contract else None
        self.shared = Shared(options, self.journal, self.identifiers, self.published)
        self._by_key: dict[str, Account] = {}

    @property
    def accounts(self) -> list[Account]:
        return list(self._by_key.values())

    def account_of(self, key: str) -> Account:
        """An account comes to be when its key is first used."""
        if key not in self._by_key:
            self._by_key[key] = Account(key, self)
        return self._by_key[key]

    def named(self, account_id: str | None) -> Account:
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
