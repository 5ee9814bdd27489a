"""Refuse PINs that everybody tries first, and slow down guessing.

Attempts are counted in four scopes at once. The narrow one stops a person at a till without delaying the
waiter elsewhere. The wide ones stop a program that gives each guess another device.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Scope(StrEnum):
    """What attempts are counted for. In this order their rows are locked."""

    DEVICE = "device"
    """One waiter on one device. The requests of a credential that name no device count as one device."""
    WAITER = "waiter"
    CREDENTIAL = "credential"
    VENUE = "venue"


@dataclass(frozen=True, slots=True)
class Limit:
    free: int
    """So many wrong attempts cost nothing."""
    longest: timedelta
    """The longest wait before another attempt."""
    window: timedelta
    """So long after the first attempt, counting starts again."""

    def wait_after(self, wrong: int) -> timedelta:
        """How long nobody may try again after so many wrong attempts: 1 second after the first that is
        not free, then twice as long each time.
        """
        if wrong <= self.free:
            return timedelta(0)
        return min(timedelta(seconds=2 ** min(wrong - self.free - 1, 30)), self.longest)


LIMITS = {
    Scope.DEVICE: Limit(3, timedelta(minutes=5), timedelta(days=1)),
    # A four-digit PIN takes weeks, whatever the number of devices: 50 guesses, then 12 an hour.
    Scope.WAITER: Limit(50, timedelta(minutes=5), timedelta(days=1)),
    # These delay others than the waiter who is guessed: their waits are short.
    Scope.CREDENTIAL: Limit(100, timedelta(seconds=30), timedelta(hours=1)),
    Scope.VENUE: Limit(300, timedelta(seconds=10), timedelta(hours=1)),
}
KEPT = max(limit.window for limit in LIMITS.values())
"""A count that was not touched for so long says nothing any more."""
_LOST = timedelta(seconds=30)
"""An attempt without a result after this time has none: its process was killed. It counts as wrong."""


@dataclass(frozen=True, slots=True)
class Count:
    """The attempts in one scope. An attempt counts as wrong from its begin until it turns out right."""

    scope: Scope
    since: datetime
    touched_at: datetime
    tried: int = 0
    forgiven: int = 0
    """A right PIN on a device forgives the attempts up to its own number."""
    pending: int = 0
    """Those of `tried` whose result is not known yet."""
    next_at: datetime | None = None

    @property
    def limit(self) -> Limit:
        return LIMITS[self.scope]

    @property
    def wrong(self) -> int:
        """Wrong attempts, with those whose result is not known yet."""
        return self.tried - self.forgiven

    @property
    def known_wrong(self) -> int:
        return self.wrong - self.pending

    @property
    def is_delayed_first(self) -> bool:
        """Whether the last attempt was the first after which the next one has to wait."""
        return self.known_wrong == self.limit.free + 1

    @property
    def is_busy(self) -> bool:
        """Whether it depends on a result that is not known yet if another attempt is free."""
        return self.pending > 0 and self.limit.wait_after(self.wrong) > timedelta(0)

    def at(self, now: datetime) -> "Count":
        """The count as it stands now. A clock that was set back makes nothing longer."""
        pending = self.pending if timedelta(0) <= now - self.touched_at <= _LOST else 0
        count = replace(self, pending=pending, since=min(self.since, now), touched_at=now)
        next_at, wait = self.next_at, self.limit.wait_after(count.known_wrong)
        if (
            pending < self.pending
        ):  # those without a result are wrong now: their wait began with them
            due = min(self.touched_at, now) + wait
            next_at = due if next_at is None else max(next_at, due)
        if next_at is not None:
            count = replace(count, next_at=min(next_at, now + wait))
        is_over = now - count.since >= self.limit.window
        if is_over and not pending and not count.wait(now):
            return Count(self.scope, now, now)
        return count

    def wait(self, now: datetime) -> timedelta:
        """How long until another attempt is allowed."""
        return max((self.next_at or now) - now, timedelta(0))

    def begin(self) -> "Count":
        """Count an attempt before its result is known. Its number is `tried` afterwards."""
        return replace(self, tried=self.tried + 1, pending=self.pending + 1)

    def end(self, number: int, now: datetime, *, is_right: bool) -> "Count":
        """Count the result of the attempt with this number."""
        known = replace(self, pending=max(self.pending - 1, 0))
        if not is_right:
            wait = self.limit.wait_after(known.known_wrong)
            return replace(known, next_at=now + wait if wait else None)
        if self.scope is Scope.DEVICE:
            forgiven = max(self.forgiven, min(number, self.tried))
            known = replace(known, forgiven=forgiven)
        else:  # Only itself: else whoever signs in all day would give guesses to others.
            known = replace(known, tried=max(self.tried - 1, 0))
        return known if self.limit.wait_after(known.wrong) else replace(known, next_at=None)


_OFTEN = frozenset({"1004", "1122", "1313", "2580", "0852", "5683", "1379", "112233", "159753"})
_UP, _DOWN = "01234567890123456789012", "98765432109876543210987"


def is_common(pin: str) -> bool:
    """Whether it is among the first that somebody who guesses tries: one digit or pair repeated, digits
    in a row, a year, or one that many people choose.
    """
    repeats = any(pin == pin[:size] * (len(pin) // size) for size in (1, 2, 3) if size < len(pin))
    is_year = len(pin) == 4 and pin[:2] in ("19", "20")
    return repeats or pin in _UP or pin in _DOWN or is_year or pin in _OFTEN
