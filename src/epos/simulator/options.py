"""The settings of a simulated Dojo, and what all its accounts share."""

from dataclasses import dataclass
from pathlib import Path

import httpx

from epos.simulator.formats import DojoIds
from epos.simulator.journal import Journal
from epos.simulator.published import PublishedDocuments


@dataclass(frozen=True, slots=True)
class Options:
    """How patient this Dojo is. The real one's numbers are not published."""

    seed: int | None = None
    contract: Path | None = None
    """A folder with the published documents: every message is then checked against them too."""
    fetches: bool = False
    """Whether it fetches what the EPOS says has changed, and keeps a copy."""
    call_seconds: float = 10.0
    """Timeout of a call."""
    attempts: int = 4
    """How often a call is sent that was not answered, or answered with UnexpectedError."""
    event_attempts: int = 12
    """The same for HandleEvent, which is sent at least once."""
    first_wait: float = 0.2
    """Seconds before the second attempt; doubled before each further one."""
    longest_wait: float = 5.0
    short_lock: float = 60.0
    """Seconds of a lock that can be extended."""
    long_lock: float = 900.0
    """Seconds of a lock that cannot."""
    lock_shift: float = 0.0
    """Seconds that are added to the expiry of every lock, for a venue whose clock was moved."""
    late_capture: float = 90.0
    """Seconds until a payment is captured although its signature was rejected."""
    terminal_step: float = 0.2
    """Seconds between two statuses of a terminal session."""

    def wait(self, attempt: int) -> float:
        """Seconds between attempt number `attempt` and the next."""
        return min(self.first_wait * 2.0 ** (attempt - 1), self.longest_wait)


@dataclass(frozen=True, slots=True)
class Shared:
    """What all accounts of one simulated Dojo use together."""

    options: Options
    http: httpx.AsyncClient
    journal: Journal
    ids: DojoIds
    published: PublishedDocuments | None
    """None without a folder of the published documents."""
