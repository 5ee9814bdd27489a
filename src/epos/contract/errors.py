"""What is answered when something goes wrong, and the refusal of a request by its form."""

from enum import StrEnum

from epos.contract.base import Answer


class ContractViolation(Exception):
    """A request that is not what the contract says.

    `field` is the path as the author of the JSON sees it (`items[0].amountPerItem.value`), empty
    for the body as a whole. The message names it too, and never repeats a value: values are guest
    data and the message is logged.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


class EPOSErrorType(StrEnum):
    """The four kinds of refusal Dojo tells apart."""

    NotFound = "NotFound"
    UnexpectedError = "UnexpectedError"
    InvalidRequest = "InvalidRequest"
    Conflict = "Conflict"


class EPOSError(Answer):
    """The body of every answer that is not a success, at both doors."""

    errorType: EPOSErrorType
    debugMessage: str | None = None
    """Plain words for the people who read logs; not shown to guests."""
    traceId: str | None = None
