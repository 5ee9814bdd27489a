"""The venue's clock, stopped where a test wants it, and times as the wire has them."""

from datetime import UTC, datetime, timedelta

from tests.support.rows import execute
from tests.support.venues import Venue

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TICK = timedelta(milliseconds=1)
MINUTE = timedelta(minutes=1)


async def freeze(venue: Venue, now: datetime | str | None) -> None:
    """Stop the venue's clock, or let it go on."""
    at = datetime.fromisoformat(now) if isinstance(now, str) else now
    await execute(venue, "UPDATE venue SET clock_frozen_at = $2 WHERE id = $1", at)


def wire(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def long_ahead() -> datetime:
    """When a lock may end that no test outlives: locks have at most 24 hours."""
    return (datetime.now(UTC) + timedelta(hours=12)).replace(microsecond=0)


LONG_AHEAD = wire(long_ahead())
