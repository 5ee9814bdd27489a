"""Turn requests away while the server is crowded, before they become work.

A refusal must cost next to nothing: at five times the capacity, four of five requests are refused. So the
protocol asks here when it has read the head of a request. What it knows then is enough: the path names the
lane, and credentials that were right lately name the venue. Everything else goes on, and is refused where
it is understood (`services/admission.py`).
"""

from epos.contract.codec import to_wire
from epos.domain.identifiers import Identifiers
from epos.services.admission import Admission, overloaded
from epos.services.authentication import Authentication
from epos.services.refusals import epos_error
from epos.web.headers import SAFE_HEADERS, RequestHeaders
from epos.web.route_table import RouteTable

_LARGEST_BODY = 16 * 1024
_HEAD = b"HTTP/1.1 503 Service Unavailable\r\n" + b"".join(
    b"%b: %b\r\n" % header for header in ((b"content-type", b"application/json"), *SAFE_HEADERS)
)


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

    @property
    def is_crowded(self) -> bool:
        """Whether anybody waits; otherwise nobody is refused."""
        return self._admission.waiting > 0

    def refusal(self, method: bytes, url: bytes, raw: list[tuple[bytes, bytes]]) -> bytes | None:
        """The whole answer to a request whose venue would wait too long in its lane, else None. A page of
        another origin, and who sends a large body, are answered where the rest of the request is read.
        """
        headers = RequestHeaders.read(raw)
        known = self._authentication.remembered(headers.authorization)
        if known is None or headers.origin is not None or not _is_small(raw):
            return None
        lane = self._table.lane_of(method.decode(), url.partition(b"?")[0])
        if lane is None:
            return None
        wait = self._admission.hopeless_wait(lane, known.venue_id)
        if wait is None:
            return None
        self._admission.refused.count(lane.name.lower(), known.venue_id)
        trace_id = headers.trace_id or self._identifiers.trace_id()
        error = overloaded(wait)
        body = to_wire(epos_error(error, trace_id))
        own = f"retry-after: {error.retry_after_seconds}\r\nx-trace-id: {trace_id}\r\n"
        return b"%bcontent-length: %d\r\n%b\r\n%b" % (_HEAD, len(body), own.encode(), body)


def _is_small(raw: list[tuple[bytes, bytes]]) -> bool:
    for name, value in raw:
        if name == b"transfer-encoding":
            return False
        if name == b"content-length":
            return value.isdigit() and int(value[:20]) <= _LARGEST_BODY
    return True
