"""The body of an error, and the exception for a request of the wrong form."""

from enum import StrEnum

from epos.contract.base import Answer


class ContractViolation(Exception):
    """A request does not match the contract.

    `field` is the path in the JSON (`items[0].amountPerItem.value`), or empty for the whole body.
    The message contains this path. It never contains the value: values are guest data, and the
    message is logged.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


class EPOSErrorType(StrEnum):
    """The kind of an error.

    `NotFound`: the thing does not exist, or the requester may not see it. `InvalidRequest`: the
    request is wrong, whatever the state of the venue. `Conflict`: the state of the venue does not
    allow it. `UnexpectedError`: the server could not finish; send the request again.
    """

    NotFound = "NotFound"
    UnexpectedError = "UnexpectedError"
    InvalidRequest = "InvalidRequest"
    Conflict = "Conflict"


class EPOSError(Answer):
    """The body of every answer that is not a success, over HTTP and over WebSocket."""

    errorType: EPOSErrorType
    """The kind of the error."""
    debugMessage: str | None = None
    """What is wrong, for developers and support. It is not meant for guests and contains no values."""
    traceId: str | None = None
    """The id of the request. The server's log lines about it have the same id."""
