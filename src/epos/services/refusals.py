"""Errors as the EPOSError that every door answers."""

from epos.contract.errors import ContractViolation, EPOSError, EPOSErrorType
from epos.domain.errors import (
    Conflict,
    EposError,
    Forbidden,
    InvalidRequest,
    NotFound,
    TooManyAttempts,
    Unauthenticated,
)

_UNEXPLAINED = "The request could not be finished"
_KINDS: tuple[tuple[type[Exception], EPOSErrorType], ...] = (
    (NotFound, EPOSErrorType.NotFound),
    (Conflict, EPOSErrorType.Conflict),
    (InvalidRequest, EPOSErrorType.InvalidRequest),
    (ContractViolation, EPOSErrorType.InvalidRequest),
    (Unauthenticated, EPOSErrorType.InvalidRequest),
    (Forbidden, EPOSErrorType.InvalidRequest),
    (TooManyAttempts, EPOSErrorType.InvalidRequest),
)


def epos_error(error: Exception, trace_id: str) -> EPOSError:
    """What is not ours to explain is only called unexpected: no stack, SQL or guest data leaves."""
    message = _UNEXPLAINED
    if isinstance(error, (EposError, ContractViolation)):
        message = error.message
    return EPOSError(errorType=_kind(error), debugMessage=message, traceId=trace_id)


def is_expected(error: Exception) -> bool:
    """Whether the error is one of ours, which the log need not explain."""
    return isinstance(error, (EposError, ContractViolation))


def _kind(error: Exception) -> EPOSErrorType:
    for known, kind in _KINDS:
        if isinstance(error, known):
            return kind
    return EPOSErrorType.UnexpectedError
