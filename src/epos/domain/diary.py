"""Find reservations that overlap at a table. They are allowed, and staff are shown them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice


@dataclass(frozen=True, slots=True)
class Booked:
    """Tables that are reserved from `start` until just before `end`."""

    id: str
    start: datetime
    end: datetime
    table_ids: frozenset[str]


MOST_OVERLAPS = 100
"""How many are named for one reservation. To name all for each would take quadratic time."""


def overlaps(diary: Iterable[Booked], wanted: Iterable[str] | None = None) -> dict[str, list[str]]:
    """For each reservation, the ids of those that overlap it at one of its tables, earliest first.

    `wanted`: only for these.
    """
    ordered = sorted(diary, key=lambda one: (one.start, one.id))
    by_id = {booked.id: booked for booked in ordered}
    asked = by_id if wanted is None else wanted
    return {id_: list(islice(_clashes(ordered, by_id[id_]), MOST_OVERLAPS)) for id_ in asked}


def _clashes(ordered: Iterable[Booked], booked: Booked) -> Iterator[str]:
    for other in ordered:
        if other.start >= booked.end:
            return
        is_there = other.end > booked.start and other is not booked
        if is_there and not other.table_ids.isdisjoint(booked.table_ids):
            yield other.id
