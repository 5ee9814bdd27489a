"""The headers that the server itself reads, and the requester that they name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from epos.contract.base import ID_RULE, is_id
from epos.domain.credentials import Principal
from epos.domain.errors import InvalidRequest
from epos.domain.requester import REQUESTER_HEADERS, Requester
from epos.web.replies import ProtocolError

MOST_BYTES = 16 * 1024
SAFE_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
"""Of every answer that has none of its own with the same name."""
_TRACE_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")
_TRACE_PARENT = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")
_OF_PROXIES = (b"forwarded", b"via")
_HOST = re.compile(
    rb"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+;=%-]+)(?::(?P<port>[0-9]{0,5}))?"
)
_REQUESTER = {header.http.encode(): header.field for header in REQUESTER_HEADERS}
_TRACE = (b"x-trace-id", b"traceparent")
_WEB = (b"authorization", b"host", b"origin", b"sec-fetch-site")
_FORWARDED = b"x-forwarded-"
_READ = frozenset({*_REQUESTER, *_TRACE, *_WEB, *_OF_PROXIES})
"""All that is read, besides the names that begin with `_FORWARDED`."""


@dataclass(slots=True)
class RequestHeaders:
    """The headers that the server itself reads."""

    authorization: str | None
    trace_id: str | None
    requester: dict[str, bytes]
    size: int
    ambiguous: str | None = None
    """The name of a header that came twice with two values."""
    hosts: tuple[bytes, ...] = ()
    origin: bytes | None = None
    fetch_site: bytes | None = None
    """Where a browser says that the request comes from: Sec-Fetch-Site."""
    is_proxied: bool = False
    """Whether a proxy has said that it passed the request on."""

    @classmethod
    def read(cls, raw: list[tuple[bytes, bytes]]) -> "RequestHeaders":
        headers = cls(authorization=None, trace_id=None, requester={}, size=0)
        for name, value in raw:
            headers.size += len(name) + len(value) + 4
            if name not in _READ and not name.startswith(_FORWARDED):
                continue
            if name in _REQUESTER:
                if headers.requester.setdefault(_REQUESTER[name], value) != value:
                    headers.ambiguous = name.decode()
            elif name == b"authorization":
                if headers.authorization is not None:
                    headers.ambiguous = "authorization"
                headers.authorization = value.decode("latin-1")
            elif name in _TRACE:
                headers.trace_id = headers.trace_id or _trace_id(name, value.decode("latin-1"))
            else:
                headers._read_of_web(name, value)
        return headers

    def _read_of_web(self, name: bytes, value: bytes) -> None:
        if name == b"host":
            self.hosts = (*self.hosts, value)
        elif name == b"origin":
            self.origin = value
        elif name == b"sec-fetch-site":
            self.fetch_site = value
        elif name in _OF_PROXIES or name.startswith(_FORWARDED):
            self.is_proxied = True

    @property
    def host_name(self) -> str:
        """The name or the address in Host, in lower case, without the port."""
        return _host_name(self.hosts[0]) if self.hosts else ""

    def check(self, http_version: str) -> None:
        """Raises ProtocolError for too much or for no proper Host, InvalidRequest for a header that
        contradicts itself.
        """
        if len(self.hosts) > 1 or (not self.hosts and http_version == "1.1"):
            raise ProtocolError(400, "A request must have one Host header")
        if self.hosts and not self.host_name:
            raise ProtocolError(
                400, "The Host header must be a name or an address, with a port or without"
            )
        if self.ambiguous is not None:
            raise InvalidRequest(f"header {self.ambiguous}", "must be sent once")
        if self.size > MOST_BYTES:
            raise ProtocolError(431, f"The headers must not be larger than {MOST_BYTES} bytes")

    def requester_of(self, principal: Principal, trace_id: str) -> Requester:
        """Raises InvalidRequest for a header that is too long or has control characters."""
        values = {name: _text(name, value) for name, value in self.requester.items() if value}
        return Requester(principal.venue_id, principal.credential, trace_id, **values)


@lru_cache(maxsize=256)
def _host_name(host: bytes) -> str:
    match = _HOST.fullmatch(host)
    return match["name"].decode("ascii").lower() if match else ""


def trace_id_of(found: Mapping[bytes, bytes]) -> str | None:
    """The sender's trace id, in headers by their names."""
    for name in _TRACE:
        value = found.get(name)
        trace_id = None if value is None else _trace_id(name, value.decode("latin-1"))
        if trace_id is not None:
            return trace_id
    return None


def _trace_id(name: bytes, value: str) -> str | None:
    """The sender's trace id, if it is one; anything else is ignored."""
    if name == b"traceparent":
        parent = _TRACE_PARENT.fullmatch(value)
        return parent.group(1) if parent else None
    return value if _TRACE_ID.fullmatch(value) else None


@lru_cache(maxsize=1_024)
def _text(name: str, value: bytes) -> str:
    """UTF-8, else latin-1: header bytes have no declared encoding. The same waiters and devices come again
    and again; what is refused is not kept.
    """
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    if not is_id(text):
        header = next(key.decode() for key, field in _REQUESTER.items() if field == name)
        raise InvalidRequest(f"header {header}", ID_RULE)
    return text
