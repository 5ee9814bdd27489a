"""What a web page may make a browser send to this server, and by which names the server answers.

A browser sends requests to any address that a page names, loopback too. So a write says where it comes
from, as browsers do (Origin, Sec-Fetch-Site), and Host is checked, because a page can give its own name
the address of this server (DNS rebinding).
"""

import ipaddress
from collections.abc import Collection, Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import Headers as StarletteHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send

from epos.domain.requester import REQUESTER_HEADERS
from epos.web.headers import RequestHeaders
from epos.web.replies import Headers, ProtocolError

OPEN_PATHS = frozenset({"/healthz", "/readyz"})
"""The health checks: they need no credential and no known Host, and tell nothing."""
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = (b"same-origin", b"none")
_SENT = ["accept", "authorization", "content-type", "traceparent", "x-trace-id"]
_SHOWN = "retry-after, x-trace-id"


class Hosts:
    """The names in Host that are answered: loopback names, and those of EPOS_ALLOWED_HOSTS."""

    def __init__(self, names: Iterable[str], *, answers_any: bool) -> None:
        """`answers_any`: every name."""
        self._names = frozenset(name.lower() for name in names)
        self._answers_any = answers_any

    def check(self, headers: RequestHeaders) -> None:
        """Raises ProtocolError. HTTP/1.0 has no Host."""
        if self._answers_any:
            return
        name = headers.host_name
        if not name or name in self._names or is_loopback_name(name):
            return
        raise ProtocolError(400, "This server does not answer to that Host (EPOS_ALLOWED_HOSTS)")


@lru_cache(maxsize=256)
def is_loopback_name(name: str) -> bool:
    """Whether a name in Host is this machine for everybody: no name service is asked for it."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


class Origins:
    """The web pages that may use this server: its own, and those of EPOS_ALLOWED_ORIGINS."""

    def __init__(self, allowed: Collection[str] = ()) -> None:
        self._allowed = frozenset(origin.encode() for origin in allowed)
        self._cors = CORSMiddleware(
            _unused,
            allow_origins=allowed,
            allow_methods=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"),
            allow_headers=[*_SENT, *(header.http for header in REQUESTER_HEADERS)],
            allow_credentials=True,
            allow_private_network=True,
        )

    def check(self, method: str, headers: RequestHeaders) -> None:
        """Refuse a write that a foreign page has sent. What is no browser says nothing about pages."""
        if method in _READING or self._is_own(headers) or headers.origin in self._allowed:
            return
        raise ProtocolError(
            403, "A web page of another origin may not write (EPOS_ALLOWED_ORIGINS)"
        )

    def _is_own(self, headers: RequestHeaders) -> bool:
        if headers.fetch_site is not None:
            return headers.fetch_site in _OWN_SITES
        if headers.origin is None:
            return True
        try:
            place = urlsplit(headers.origin.decode("latin-1")).netloc.lower().encode("latin-1")
        except ValueError:  # `http://[`, which is no URL
            return False
        return place != b"" and bool(headers.hosts) and headers.hosts[0].lower() == place

    def headers(self, origin: bytes | None) -> Headers:
        """Of an answer to an allowed page: that the page may read it."""
        if origin is None or origin not in self._allowed:
            return ()
        return (
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", _SHOWN.encode()),
            (b"vary", b"Origin"),
        )

    async def preflight(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer what a browser asks with OPTIONS before it sends the request of an allowed page. Returns
        whether it was that.
        """
        if not self._allowed:
            return False
        sent = StarletteHeaders(scope=scope)
        if sent.get("origin", "").encode() not in self._allowed:
            return False
        if "access-control-request-method" not in sent:
            return False
        await self._cors.preflight_response(sent)(scope, receive, send)
        return True


async def _unused(scope: Scope, receive: Receive, send: Send) -> None:
    """Of Starlette's middleware only the rules are used: each answer goes through our own."""
