"""What an EPOS has registered, and how Dojo reaches each capability."""

from dataclasses import dataclass, field
from typing import Any

from epos.contract.operations import by_capability
from epos.simulator.formats import now_text
from epos.simulator.forms import (
    BasicAuthForm,
    CapabilityForm,
    RestIntegrationForm,
    SocketIntegrationForm,
)
from epos.simulator.journal import MessageTransport

Json = dict[str, Any]
_ROUTED_VERSION = "v1"


@dataclass(slots=True)
class _Registered:
    """The capabilities of one transport, as they were named."""

    capabilities: list[Json] = field(default_factory=list)
    created_at: str = field(default_factory=now_text)

    def replace(self, capabilities: list[CapabilityForm]) -> None:
        """Replace all, except that an empty list changes nothing: so Dojo was seen to behave."""
        if not capabilities:
            return
        moment = now_text()
        self.capabilities = [
            {"name": one.name, "version": one.version, "updatedAt": moment} for one in capabilities
        ]

    @property
    def routed(self) -> set[str]:
        """In the newest spelling; what no operation is named by is kept but never called."""
        return {
            _newest(one["name"])
            for one in self.capabilities
            if one["version"] == _ROUTED_VERSION and by_capability(one["name"])
        }


def _newest(name: str) -> str:
    operation = by_capability(name)
    if operation is None or name in operation.registrable_names:
        return name
    return operation.capability


class Registrations:
    """The registrations of one account: at most one for each transport."""

    def __init__(self) -> None:
        self._rest: _Registered | None = None
        self._socket: _Registered | None = None
        self.url = ""
        self.auth = BasicAuthForm(username="", password="")

    def register_rest(self, form: RestIntegrationForm) -> None:
        self._rest = self._rest or _Registered()
        self._rest.replace(form.capabilities)
        self.url = form.url.rstrip("/")
        self.auth = form.auth.basic

    def register_socket(self, form: SocketIntegrationForm) -> None:
        self._socket = self._socket or _Registered()
        self._socket.replace(form.capabilities)

    def transports(self, capability: str) -> list[MessageTransport]:
        """The transports on which a capability is registered. The WebSocket is asked first."""
        registered = [
            (MessageTransport.WEBSOCKET, self._socket),
            (MessageTransport.REST, self._rest),
        ]
        return [transport for transport, one in registered if one and capability in one.routed]

    @property
    def routed(self) -> set[str]:
        """Every capability that Dojo may call."""
        return set().union(*(one.routed for one in (self._rest, self._socket) if one))

    def rest_json(self) -> list[Json]:
        if self._rest is None:
            return []
        auth = {"authType": "basic", "basic": {"username": self.auth.username}}
        return [{"url": self.url, "auth": auth, **_json(self._rest)}]

    def socket_json(self) -> list[Json]:
        return [] if self._socket is None else [_json(self._socket)]

    def json(self) -> Json:
        return {
            "restIntegrations": self.rest_json(),
            "wsIntegrations": self.socket_json(),
            "dojoManagedIntegrations": [],
        }


def _json(registered: _Registered) -> Json:
    return {"capabilities": registered.capabilities, "createdAt": registered.created_at}


def registration_violations(capabilities: list[CapabilityForm]) -> list[str]:
    """What Dojo would accept and never call."""
    unknown = [one.name for one in capabilities if by_capability(one.name) is None]
    versions = [one.name for one in capabilities if one.version != _ROUTED_VERSION]
    names = [_newest(one.name) for one in capabilities]
    twice = sorted({name for name in names if names.count(name) > 1})
    return [
        *(f"{name} is not a capability" for name in unknown),
        *(f"{name}: the version must be {_ROUTED_VERSION}" for name in versions),
        *(f"{name} is registered twice" for name in twice),
        *([] if capabilities else ["no capabilities: the registration stays as it was"]),
    ]
