"""Find reservations that overlap at a table. They are allowed, and staff are shown them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Booked:
    """Tables that are reserved from `start` until just before `end`."""

    id: str
    start: datetime
    end: datetime
    table_ids: frozenset[str]


def overlaps(diary: Iterable[Booked]) -> dict[str, list[str]]:
    """For each reservation, the ids of those that overlap it at one of its tables, earliest first."""
    found: dict[str, list[str]] = {}
    there: list[Booked] = []
    for booked in sorted(diary, key=lambda one: (one.start, one.id)):
        there = [earlier for earlier in there if earlier.end > booked.start]
        clashes = [earlier.id for earlier in there if earlier.table_ids & booked.table_ids]
        found[booked.id] = clashes
        for earlier in clashes:
            found[earlier].append(booked.id)
        there.append(booked)
    return found
