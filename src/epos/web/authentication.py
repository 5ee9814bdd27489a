"""HTTP Basic on every path but the two health checks."""

import asyncio
import base64
import binascii
import re

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from epos.domain.credentials import Principal
from epos.domain.errors import Unauthenticated
from epos.services.authentication import Authentication
from epos.services.expiring_cache import ExpiringCache
from epos.web.connections import Connections
from epos.web.headers import RequestHeaders
from epos.web.origins import OPEN_PATHS
from epos.web.replies import NOTHING_HERE, ProtocolError

TESTING_PATHS = "/test/v1/"
"""Below this is the control API, where the server has one (EPOS_TESTING)."""
_log = structlog.get_logger("epos.authentication")


class Authenticated:
    """Puts the requester into the scope, or refuses."""

    def __init__(
        self, app: ASGIApp, authentication: Authentication, connections: Connections
    ) -> None:
        self._app = app
        self._authentication = authentication
        self._connections = connections
        self._failures = Failures()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN_PATHS:
            headers: RequestHeaders = scope["state"]["headers"]
            try:
                principal = await self._principal(scope, headers.authorization)
            except Unauthenticated:
                if scope["path"].startswith(TESTING_PATHS):  # that it is off is no secret
                    raise ProtocolError(404, NOTHING_HERE) from None
                raise
            if principal.is_public and headers.is_proxied:
                _log.warning("demo credentials are refused: the request came through a proxy")
                source = scope["client"][0] if scope.get("client") else ""
                scope["state"]["refused"] = _named(principal.credential, source)
                raise Unauthenticated
            requester = headers.requester_of(principal, scope["state"]["trace_id"])
            if scope.get("client"):
                self._connections.know(scope["client"], principal.venue_id)
            scope["state"] |= {"principal": principal, "requester": requester}
        await self._app(scope, receive, send)

    async def _principal(self, scope: Scope, authorization: str | None) -> Principal:
        known = self._authentication.remembered(authorization)
        if known is not None:
            return known
        username, password = basic_credentials(authorization)
        source = scope["client"][0] if scope.get("client") else ""
        scope["state"]["refused"] = _named(username, source)
        try:
            principal = await self._authentication.check(username, password)
        except Unauthenticated:
            await self._failures.slow_down(source)
            raise
        del scope["state"]["refused"]
        self._authentication.remember(authorization, principal)
        return principal


_USERNAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}(\.[A-Za-z0-9_-]{1,40})?")


def _named(username: str, source: str) -> dict[str, str]:
    """Who was refused, for the log. What has not the form of a user name may be a secret or a guest's."""
    shown = username if _USERNAME.fullmatch(username) else "(no user name)"
    return {"username": shown, "address": source}


class Failures:
    """Delays the answers to an address that keeps sending wrong credentials. Valid credentials are never
    delayed: all of Dojo may come from the address that someone else guesses from.
    """

    _FREE, _SECONDS, _FORGET_AFTER = 10, 1.0, 60.0

    def __init__(self) -> None:
        self._counts = ExpiringCache[str, int](self._FORGET_AFTER)

    async def slow_down(self, source: str) -> None:
        count = (self._counts.get(source) or 0) + 1
        self._counts.put(source, count)
        if count > self._FREE:
            await asyncio.sleep(self._SECONDS)


def basic_credentials(authorization: str | None) -> tuple[str, str]:
    """The user name and the password of HTTP Basic. Raises Unauthenticated."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        raise Unauthenticated
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        raise Unauthenticated from None
    username, colon, password = decoded.partition(":")
    if not colon:
        raise Unauthenticated
    return username, password
