"""Reading a request's body: JSON, and not more than 1 MiB of it."""

from starlette.types import Receive, Scope

from epos.services.limits import MOST_BYTES
from epos.web.replies import Headers, ProtocolError

_NO_CODING: Headers = ((b"accept-encoding", b"identity"),)


class ClientGone(Exception):
    """The client closed the connection in the middle of its request."""


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """The body's bytes. Raises ProtocolError 413 or 415."""
    _check_headers(scope)
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MOST_BYTES:
            raise _too_large()
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _check_headers(scope: Scope) -> None:
    is_typed = is_sent = False
    for name, value in scope["headers"]:
        if name == b"content-type":
            is_typed = True
            _check_content_type(value)
        elif name == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
            raise ProtocolError(415, "The body must not be compressed", _NO_CODING)
        elif name == b"content-length":
            is_sent = is_sent or value.strip(b"0") != b""
            if value.isdigit() and int(value[:20]) > MOST_BYTES:
                raise _too_large()
        elif name == b"transfer-encoding":
            is_sent = True
    if is_sent and not is_typed:
        raise ProtocolError(415, "A body needs the header Content-Type: application/json")


def _check_content_type(value: bytes) -> None:
    media_type, _, parameters = value.decode("latin-1").lower().partition(";")
    charset = parameters.replace(" ", "").replace('"', "")
    if media_type.strip() != "application/json" or charset not in ("", "charset=utf-8"):
        raise ProtocolError(415, "The content type must be application/json in UTF-8")


def _too_large() -> ProtocolError:
    return ProtocolError(413, f"The body must not be larger than {MOST_BYTES} bytes")
