"""What is not even HTTP gets an EPOSError too."""

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from epos.contract.codec import to_wire
from epos.contract.errors import EPOSError, EPOSErrorType
from epos.domain.identifiers import Identifiers

_log = structlog.get_logger("epos.request")


class EposHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol, answering a broken request (a NUL in a header, say) in our form."""

    def send_400_response(self, msg: str) -> None:
        trace_id = Identifiers().trace_id()
        error = EPOSError(
            errorType=EPOSErrorType.InvalidRequest,
            debugMessage="The request is not valid HTTP",
            traceId=trace_id,
        )
        body = to_wire(error)
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            "content-type: application/json\r\n"
            f"content-length: {len(body)}\r\n"
            f"x-trace-id: {trace_id}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
        _log.warning("request", trace_id=trace_id, status=400)
