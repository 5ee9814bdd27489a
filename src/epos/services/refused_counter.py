"""Refusals of an overloaded server in the log: a line a second, not one for each."""

import asyncio
from collections import Counter

import structlog

_SECONDS = 1.0
_log = structlog.get_logger("epos.overload")


class RefusedCounter:
    """Counts refusals by lane and venue."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    @property
    def any_lately(self) -> bool:
        """Whether anybody was refused in the last second, or little longer ago."""
        return bool(self._counts)

    def count(self, lane: str, venue_id: str) -> None:
        """One more. The first of them starts the second after which all of them are logged."""
        if not self._counts:
            asyncio.get_running_loop().call_later(_SECONDS, self._write)
        self._counts[lane, venue_id] += 1

    def _write(self) -> None:
        counts, self._counts = self._counts, Counter()
        for (lane, venue_id), refused in counts.items():
            _log.warning("refused: too much at once", lane=lane, venue=venue_id, refused=refused)
