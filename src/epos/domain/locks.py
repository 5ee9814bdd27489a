"""Locks on orders are leases. Dojo's clock may run a little ahead of or behind the venue's."""

from datetime import datetime, timedelta
from enum import StrEnum

from epos.domain.errors import InvalidRequest

CLOCK_SKEW = timedelta(seconds=30)


class LockHolder(StrEnum):
    """Dojo locks an order to take money for it, a till to edit it."""

    DOJO = "dojo"
    TILL = "till"


def granted_until(expiry: datetime, now: datetime) -> datetime:
    """When a lease that was asked for until `expiry` ends.

    An expiry that has just passed is clock skew: the lease lasts 30 seconds. Raises InvalidRequest
    for one that is older.
    """
    if expiry > now:
        return expiry
    if expiry < now - CLOCK_SKEW:
        raise InvalidRequest("expiry", "must not be in the past")
    return now + CLOCK_SKEW


def is_live(expires_at: datetime, released_at: datetime | None, now: datetime) -> bool:
    return released_at is None and expires_at > now
