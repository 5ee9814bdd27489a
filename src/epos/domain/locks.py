"""Locks on orders: each is a lease. Dojo's clock may run a little ahead of or behind the venue's."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from epos.domain.errors import InvalidRequest
from epos.domain.requester import Requester

CLOCK_SKEW = timedelta(seconds=30)
_LONGEST_HOURS = 24
LONGEST = timedelta(hours=_LONGEST_HOURS)
"""The longest lock. Nobody pays for a day; a longer lock comes from a wrong clock or a wrong unit."""


class LockHolder(StrEnum):
    """Dojo locks an order to take money for it, a till to edit it."""

    DOJO = "dojo"
    TILL = "till"


def refuse_too_long(expiry: datetime, now: datetime) -> None:
    """Raises InvalidRequest for an expiry that is more than LONGEST (and the clock skew) ahead."""
    if expiry > now + LONGEST + CLOCK_SKEW:
        raise InvalidRequest("expiry", f"must be at most {_LONGEST_HOURS} hours ahead")


def granted_until(expiry: datetime, now: datetime) -> datetime:
    """When the lock ends that Dojo asked for until `expiry`.

    An expiry that has just passed is clock skew: the lock lasts 30 seconds. Raises InvalidRequest for
    one that is older, and as `refuse_too_long`.
    """
    refuse_too_long(expiry, now)
    if expiry > now:
        return expiry
    if expiry < now - CLOCK_SKEW:
        raise InvalidRequest("expiry", "must not be in the past")
    return now + CLOCK_SKEW


def is_live(expires_at: datetime, released_at: datetime | None, now: datetime) -> bool:
    return released_at is None and expires_at > now


@dataclass(frozen=True, slots=True)
class OrderLock:
    """A lock on an order: Dojo's, or a till's hold."""

    id: str
    order_id: str
    holder: LockHolder
    expires_at: datetime
    released_at: datetime | None
    credential: str
    """Whose it is: this credential, waiter, device and product."""
    waiter_id: str | None
    device_id: str | None
    product: str | None

    def is_live(self, now: datetime) -> bool:
        return is_live(self.expires_at, self.released_at, now)

    def is_live_for_dojo(self, now: datetime) -> bool:
        """Whether it is a live lock of Dojo's, which keeps every till away.

        A till's hold has an id too, but no terminal may renew or end it.
        """
        return self.holder is LockHolder.DOJO and self.is_live(now)

    def is_hold_of(self, requester: Requester) -> bool:
        """Whether it is a till's hold, of the same credential, device and waiter."""
        asks = (requester.credential, requester.device_id, requester.waiter_id)
        owns = (self.credential, self.device_id, self.waiter_id)
        return self.holder is LockHolder.TILL and asks == owns

    def keeps_away(self, requester: Requester, now: datetime) -> bool:
        """Whether it is live and belongs to somebody else."""
        return self.is_live(now) and not self.is_hold_of(requester)
