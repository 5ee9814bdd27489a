"""Turn requests away while the server is crowded, before they become work.

A refusal must cost next to nothing: at five times the capacity, four of five requests are refused. So the
protocol asks here when it has read the head of a request. What it knows then is enough: the path names the
lane, and credentials that were right in the last minute name the venue. Everything else goes on, and is
refused where it is understood (`services/admission.py`).
"""

from epos.domain.errors import Overloaded
from epos.domain.identifiers import Identifiers
from epos.services.admission import Admission, retry_after_seconds
from epos.services.authentication import Authentication
from epos.services.refusals import PreparedError
from epos.web.headers import SAFE_HEADERS, trace_id_of
from epos.web.route_table import RouteTable

_LARGEST_BODY = 16 * 1024
_READ = frozenset(
    (
        b"authorization",
        b"content-length",
        b"origin",
        b"traceparent",
        b"transfer-encoding",
        b"x-trace-id",
    )
)
"""The headers that are looked at here. To read the others takes longer than all the rest."""
_HEAD = b"HTTP/1.1 503 Service Unavailable\r\n" + b"".join(
    b"%b: %b\r\n" % header for header in ((b"content-type", b"application/json"), *SAFE_HEADERS)
)
_OWN = b"%bcontent-length: %d\r\nretry-after: %d\r\nx-trace-id: %b\r\n\r\n%b"


class Gate:
    """Knows which requests need not be looked at."""

    def __init__(
        self,
        admission: Admission,
        authentication: Authentication,
        table: RouteTable,
        identifiers: Identifiers,
    ) -> None:
        self._admission = admission
        self._authentication = authentication
        self._table = table
        self._identifiers = identifiers
        self._error = PreparedError(Overloaded(0))

    @property
    def is_crowded(self) -> bool:
        """Whether somebody was refused lately: only then is it worth looking at each request here. The
        first of a rush is refused later, where that costs more.
        """
        return self._admission.refused.any_lately

    def refusal(self, method: bytes, url: bytes, raw: list[tuple[bytes, bytes]]) -> bytes | None:
        """The whole answer to a request whose venue would wait too long in its lane, else None. A page of
        another origin, and who sends a large body, are answered where the rest of the request is read.
        """
        found = {name: value for name, value in raw if name in _READ}
        authorization = found.get(b"authorization")
        if authorization is None or b"origin" in found or not _is_small(found):
            return None
        venue_id = self._authentication.venue_of(authorization.decode("latin-1"))
        if venue_id is None:
            return None
        lane = self._table.lane_of(method.decode(), url.partition(b"?")[0])
        if lane is None:
            return None
        wait = self._admission.hopeless_wait(lane, venue_id)
        if wait is None:
            return None
        self._admission.refused.count(lane.name.lower(), venue_id)
        trace_id = trace_id_of(found) or self._identifiers.trace_id()
        body = self._error.of(trace_id)
        return _OWN % (_HEAD, len(body), retry_after_seconds(wait), trace_id.encode(), body)


def _is_small(found: dict[bytes, bytes]) -> bool:
    if b"transfer-encoding" in found:
        return False
    size = found.get(b"content-length", b"0")
    return size.isdigit() and int(size[:20]) <= _LARGEST_BODY
