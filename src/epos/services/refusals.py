"""Each error's kind (EPOSErrorType) and HTTP status, in one table for every door."""

from dataclasses import dataclass

from epos.contract.codec import to_wire
from epos.contract.errors import ContractViolation, EPOSError, EPOSErrorType
from epos.domain.errors import (
    Conflict,
    EposError,
    Forbidden,
    InvalidRequest,
    NotFound,
    StaleVersion,
    TooManyAttempts,
    Unauthenticated,
    Unavailable,
)
from epos.till_contract.errors import TillError


@dataclass(frozen=True, slots=True)
class Refusal:
    """How an error is answered."""

    kind: EPOSErrorType
    status: int


_UNEXPLAINED = "The request could not be finished"
_UNEXPECTED = Refusal(EPOSErrorType.UnexpectedError, 500)
_REFUSALS: tuple[tuple[type[Exception], Refusal], ...] = (
    (NotFound, Refusal(EPOSErrorType.NotFound, 404)),
    (Conflict, Refusal(EPOSErrorType.Conflict, 409)),
    (InvalidRequest, Refusal(EPOSErrorType.InvalidRequest, 400)),
    (ContractViolation, Refusal(EPOSErrorType.InvalidRequest, 400)),
    (Unauthenticated, Refusal(EPOSErrorType.InvalidRequest, 401)),
    (Forbidden, Refusal(EPOSErrorType.InvalidRequest, 403)),
    (TooManyAttempts, Refusal(EPOSErrorType.InvalidRequest, 429)),
    (Unavailable, Refusal(EPOSErrorType.UnexpectedError, 503)),
)


def refusal_of(error: Exception) -> Refusal:
    """An error that is not in the table is unexpected: 500."""
    for known, refusal in _REFUSALS:
        if isinstance(error, known):
            return refusal
    return _UNEXPECTED


def epos_error(error: Exception, trace_id: str) -> EPOSError:
    """The error's own message only if it is one of ours: no stack, SQL or guest data leaves."""
    message = _UNEXPLAINED
    if isinstance(error, (EposError, ContractViolation)):
        message = error.message
    kind = refusal_of(error).kind
    if isinstance(error, StaleVersion):
        return TillError(
            errorType=kind,
            debugMessage=message,
            traceId=trace_id,
            currentVersion=error.current_version,
        )
    return EPOSError(errorType=kind, debugMessage=message, traceId=trace_id)


class PreparedError:
    """The answers to one error, which differ in nothing but their trace id: to write each one anew takes
    longer than all else that a refusal needs.
    """

    _MARK = "PreparedTraceId"

    def __init__(self, error: Exception) -> None:
        mark = self._MARK.encode()
        self._before, _, self._after = to_wire(epos_error(error, self._MARK)).rpartition(mark)

    def of(self, trace_id: str) -> bytes:
        """The JSON. `trace_id`: letters, digits, dots, hyphens and underscores alone."""
        return b"%b%b%b" % (self._before, trace_id.encode(), self._after)


def is_expected(error: Exception) -> bool:
    """Whether the error is one of ours, which the log need not explain."""
    return isinstance(error, (EposError, ContractViolation))
