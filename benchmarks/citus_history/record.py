"""What the clients were told, by what happened meanwhile, and what they were promised."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

CALM = "nothing"
LOST = 0
"""In place of a status: no answer came."""
ALL: frozenset[str] = frozenset()


@dataclass(slots=True)
class Seen:
    """What some venues saw while the same kind of thing happened. Times in seconds."""

    answers: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    """The longest that one request took, whatever came of it."""
    longest_stop: float = 0.0
    """The longest from a write's first attempt to its acknowledgement."""


class Record:
    """Sorts answers by what happened between a request and its answer, and by whose venue it was."""

    def __init__(self) -> None:
        self.happened: Counter[str] = Counter()
        self.hit: defaultdict[str, Seen] = defaultdict(Seen)
        """By what happened: the venues that it happened to."""
        self.others: defaultdict[str, Seen] = defaultdict(Seen)
        self._kind = CALM
        self._hit: frozenset[str] = ALL

    @contextmanager
    def during(self, kind: str, hit: frozenset[str] = ALL) -> Iterator[None]:
        """`hit`: the ids of the venues that it happens to; none: it happens to no one in particular."""
        self.happened[kind] += 1
        self._kind, self._hit = kind, hit
        try:
            yield
        finally:
            self._kind, self._hit = CALM, ALL

    def now(self, venue_id: str) -> Seen:
        """Where to count what comes for this venue; ask when it is sent."""
        of = self.hit if venue_id in self._hit else self.others
        return of[self._kind]


@dataclass(slots=True)
class Promised:
    """What one venue's clients hold acknowledgements for."""

    orders: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    """By Dojo's id: the order's id, its total, and what was paid of it."""
    payments: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    """By intent: the order, what was paid, the tip."""
    locks: set[tuple[str, str, bool]] = field(default_factory=set)
    """Order, lock, whether it was released."""
    parties: dict[str, tuple[str, tuple[str, ...], bool]] = field(default_factory=dict)
    """By Dojo's id: the party's id, its tables in their order, whether it sits there."""
    tabs: dict[str, tuple[str, tuple[str, ...], int, int]] = field(default_factory=dict)
    """By the till's key: the tab's id, the PLUs of its lines in their order, its total, what was paid."""
    refused: list[str] = field(default_factory=list)
    """Answers that nobody expected."""

    @property
    def count(self) -> int:
        parts: tuple[Any, ...] = (
            self.orders,
            self.payments,
            self.locks,
            self.parties,
            self.tabs,
        )
        return sum(map(len, parts))
