"""Answers and errors as bytes of HTTP."""

from starlette.types import Send

from epos.contract.codec import to_wire
from epos.contract.errors import EPOSError, EPOSErrorType
from epos.domain.errors import TooManyAttempts, Unauthenticated, Unavailable
from epos.services.refusals import epos_error, refusal_of

NOTHING_HERE = "There is nothing at this path"
Headers = tuple[tuple[bytes, bytes], ...]
_JSON: tuple[bytes, bytes] = (b"content-type", b"application/json")
_CHALLENGE: Headers = ((b"www-authenticate", b'Basic realm="EPOS Data API", charset="UTF-8"'),)


class ProtocolError(Exception):
    """HTTP used in a way that no operation has: wrong method, too large, another content type."""

    def __init__(self, status: int, message: str, headers: Headers = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers


async def reply(send: Send, status: int, body: bytes, headers: Headers = ()) -> None:
    """One whole answer; an empty body has no content type."""
    length = (b"content-length", str(len(body)).encode())
    described = (length, _JSON, *headers) if body else (length, *headers)
    await send({"type": "http.response.start", "status": status, "headers": list(described)})
    await send({"type": "http.response.body", "body": body})


async def reply_error(send: Send, error: Exception, trace_id: str) -> None:
    """Any failure as an EPOSError."""
    if isinstance(error, ProtocolError):
        missing = error.status == 404
        kind = EPOSErrorType.NotFound if missing else EPOSErrorType.InvalidRequest
        body = EPOSError(errorType=kind, debugMessage=error.message, traceId=trace_id)
        await reply(send, error.status, to_wire(body), error.headers)
        return
    refused = to_wire(epos_error(error, trace_id))
    await reply(send, refusal_of(error).status, refused, _headers(error))


def _headers(error: Exception) -> Headers:
    if isinstance(error, Unauthenticated):
        return _CHALLENGE
    if isinstance(error, (TooManyAttempts, Unavailable)):
        return ((b"retry-after", str(error.retry_after_seconds).encode()),)
    return ()
