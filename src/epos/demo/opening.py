"""The store, the ids and the times that all parts of the demo are written with."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.store.venue_store import VenueStore

_QUARTER_HOUR = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Opening:
    """One transaction, and the moment at which it seems to happen."""

    store: VenueStore
    identifiers: Identifiers
    requester: Requester
    now: datetime
    time_zone: str
    currency: str

    def ago(self, minutes: int) -> datetime:
        return self.now - timedelta(minutes=minutes)

    def evening(self) -> datetime:
        return evening(self.now, ZoneInfo(self.time_zone))


def quarter_hour(instant: datetime) -> datetime:
    """Round down to a quarter of an hour: people book tables for 19:15, not for 19:22."""
    return instant - (instant - datetime.min.replace(tzinfo=UTC)) % _QUARTER_HOUR


def evening(now: datetime, zone: ZoneInfo) -> datetime:
    """The time of the first reservation that is still expected today.

    18:00 in the venue's zone, else the next quarter hour, but not so late that the last of them
    would come tomorrow.
    """
    local = now.astimezone(zone)
    opens = local.replace(hour=18, minute=0, second=0, microsecond=0)
    soon = (quarter_hour(now) + _QUARTER_HOUR).astimezone(zone)
    return min(max(opens, soon), opens.replace(hour=21)).astimezone(UTC)
