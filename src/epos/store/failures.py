"""What a failure of PostgreSQL means for a unit of work: run it again, or answer that it failed."""

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError

from epos.domain.errors import EposError

DATABASE_AWAY = "The database did not answer; sending the request again is safe"


class Retry(Exception):
    """Raise in a unit of work to run it again: what was read before the locks has changed."""


class CommittedRefusal(Exception):
    """Raise in a unit of work to refuse the request and keep what was written.

    `Database.write` commits, then raises `error`. Any other exception rolls back.
    """

    def __init__(self, error: EposError) -> None:
        super().__init__(error.message)
        self.error = error


_IN_THE_WAY = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_WORTH_ANOTHER_TRY = (
    Retry,
    *_IN_THE_WAY,
    asyncpg.UniqueViolationError,
    asyncpg.ExclusionViolationError,
    asyncpg.ForeignKeyViolationError,  # the row that was referred to changed meanwhile
)
_CONNECTION_LOST = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # PostgreSQL closed the connection while we sent a message
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,  # no longer the primary; a new connection may find the new one
)
_BUSY = (
    TimeoutError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.InsufficientResourcesError,  # a full disk, no memory, too many connections
    asyncpg.PostgresIOError,
)
_REFUSED = (
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)
"""PostgreSQL answers, but the database, the user or the password is wrong."""


_NODE_AWAY = (
    "could not commit transaction for shard",
    "failure on connection marked as essential",
    "no active placements were found",
    "failed to assign ",
    "execution cannot recover from multiple connection failures",
    "could not find valid entry for shard",  # it was split or moved a moment ago
    # What libpq says of a session between two nodes.
    "server closed the connection unexpectedly",
    "could not receive data from server",
    "could not send data to server",
    "connection not open",
    "no connection to the server",
    "FATAL:  terminating connection",
    "SSL ",
)
"""How messages of Citus begin, without a state of their own, when a node is lost in the middle."""


def is_worth_another_try(error: BaseException) -> bool:
    """A deadlock, a serialization failure, or a natural key that another transaction took meanwhile."""
    return isinstance(error, _WORTH_ANOTHER_TRY)


def is_in_the_way(error: BaseException) -> bool:
    """Whether only another transaction at the same moment was the cause."""
    return isinstance(error, _IN_THE_WAY)


def is_connection_lost(error: BaseException) -> bool:
    """Whether the connection cannot be used again; the outcome of a COMMIT on it is unknown."""
    lost = isinstance(_cause(error), (*_CONNECTION_LOST, asyncpg.QueryCanceledError, TimeoutError))
    return lost and not is_node_away(error)


def is_node_away(error: BaseException) -> bool:
    """Whether the node that we are connected to, which is well, could not reach the node of the venue."""
    cause = _cause(error)
    if isinstance(cause, asyncpg.InternalServerError):
        return str(cause).startswith(_NODE_AWAY)
    return isinstance(cause, asyncpg.ConnectionFailureError)


def is_passing(error: BaseException) -> bool:
    """Whether the database is away or too busy: the same request may succeed later."""
    away = isinstance(_cause(error), (*_CONNECTION_LOST, *_BUSY, *_REFUSED))
    return away or is_node_away(error)


def reason(error: BaseException) -> str:
    """The message of PostgreSQL or the network, only for the operator: it may quote stored data."""
    said = _cause(error)
    return str(said) or type(said).__name__


def _cause(error: BaseException) -> BaseException:
    """The driver's own error; a migration has it inside SQLAlchemy's."""
    if isinstance(error, (DBAPIError, InterfaceError)) and error.__cause__ is not None:
        return error.__cause__.__cause__ or error.__cause__
    return error
