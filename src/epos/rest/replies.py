"""Answers as bytes, and the one table that turns errors into them."""

from starlette.types import Send

from epos.contract.codec import to_wire
from epos.contract.errors import ContractViolation, EPOSError, EPOSErrorType
from epos.domain.errors import (
    Conflict,
    EposError,
    InvalidRequest,
    NotFound,
    Unauthenticated,
    Unavailable,
)

Headers = tuple[tuple[bytes, bytes], ...]
_JSON: tuple[bytes, bytes] = (b"content-type", b"application/json")
_CHALLENGE: Headers = ((b"www-authenticate", b'Basic realm="EPOS Data API", charset="UTF-8"'),)
_RETRY: Headers = ((b"retry-after", str(Unavailable.retry_after_seconds).encode()),)

_REPLIES: tuple[tuple[type[Exception], int, EPOSErrorType, Headers], ...] = (
    (NotFound, 404, EPOSErrorType.NotFound, ()),
    (Conflict, 409, EPOSErrorType.Conflict, ()),
    (InvalidRequest, 400, EPOSErrorType.InvalidRequest, ()),
    (ContractViolation, 400, EPOSErrorType.InvalidRequest, ()),
    (Unauthenticated, 401, EPOSErrorType.InvalidRequest, _CHALLENGE),
    (Unavailable, 503, EPOSErrorType.UnexpectedError, _RETRY),
)


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
    """Any failure as an EPOSError; what is not ours to explain is only called unexpected."""
    status, kind, message, headers = _described(error)
    body = EPOSError(errorType=kind, debugMessage=message, traceId=trace_id)
    await reply(send, status, to_wire(body), headers)


def _described(error: Exception) -> tuple[int, EPOSErrorType, str, Headers]:
    if isinstance(error, ProtocolError):
        kind = EPOSErrorType.NotFound if error.status == 404 else EPOSErrorType.InvalidRequest
        return error.status, kind, error.message, error.headers
    for known, status, kind, headers in _REPLIES:
        if isinstance(error, known):
            message = error.message if isinstance(error, (EposError, ContractViolation)) else ""
            return status, kind, message, headers
    return 500, EPOSErrorType.UnexpectedError, "The request could not be finished", ()
