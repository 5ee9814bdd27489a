"""Ids of test venues that are the same in each run."""

import random
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from epos.domain.identifiers import Identifiers

_MILLISECONDS = 1_767_225_600_000
"""2026-01-01."""
_OWN = ContextVar[Identifiers | None]("own_identifiers", default=None)


@dataclass(frozen=True, slots=True)
class Place:
    """How far a row of ids has come."""

    milliseconds: int
    source: tuple[Any, ...]


class SeededIdentifiers(Identifiers):
    """The same ids for the same seed, in the same order."""

    def __init__(self, seed: int, *, later: int = 0) -> None:
        """`later` in milliseconds: these ids sort after those of others with this seed."""
        self._last = _MILLISECONDS + later
        self._source = random.Random(seed)  # noqa: S311 - of a test venue
        super().__init__(self._next, self._source.randbytes)

    def _next(self) -> int:
        self._last += 1
        return self._last

    @property
    def place(self) -> Place:
        return Place(self._last, self._source.getstate())

    def go_back(self, place: Place) -> None:
        """The next ids are those that followed this place before."""
        self._last = place.milliseconds
        self._source.setstate(place.source)


class WorldIdentifiers(Identifiers):
    """Makes the ids of the venue that is worked for, if that has a seed."""

    def new(self, prefix: str) -> str:
        own = _OWN.get()
        return super().new(prefix) if own is None else own.new(prefix)

    def reference(self, attempt: int) -> str:
        own = _OWN.get()
        return super().reference(attempt) if own is None else own.reference(attempt)


def work_with(identifiers: Identifiers | None) -> None:
    """From now on, this context makes ids with these; with None as any other."""
    _OWN.set(identifiers)
