"""Reservations that want the same table at the same time. They are allowed, and staff should know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Booked:
    """Tables from `start` until `end`: who comes at the end may have them."""

    id: str
    start: datetime
    end: datetime
    table_ids: frozenset[str]


def overlaps(diary: Iterable[Booked]) -> dict[str, list[str]]:
    """For each the ids of the others that want one of its tables while it has it, earliest first."""
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
