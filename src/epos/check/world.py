"""What the checks know of one EPOS and its venue."""

from dataclasses import dataclass, field
from typing import Any

from epos.simulator.formats import DojoIds

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """How a run goes."""

    write: bool = False
    """Whether it may make orders, parties and reservations, lock and pay."""
    products: frozenset[str] = frozenset()
    """Only checks of these products, whose capabilities are then wanted. Empty: whatever is offered."""
    only: str = ""
    """Only checks whose names begin so."""
    orders: tuple[str, ...] = ()
    """Ids of open orders that may be locked and paid, for an EPOS without CreateOrder."""
    currency: str | None = None
    """By default that of the first order that is found, or GBP."""
    answer_seconds: float = 10.0
    lock_seconds: float = 3.0
    """How long the locks are that are left to expire."""
    wait_seconds: float = 5.0
    """How long after its expiry a lock may still be live: clocks differ."""


@dataclass(slots=True)
class World:
    """One EPOS: what it offers, and what is there."""

    options: CheckOptions
    currency: str = "GBP"
    areas: list[Json] = field(default_factory=list)
    tables: list[Json] = field(default_factory=list)
    free_tables: list[str] = field(default_factory=list)
    """Where nobody sits."""
    given_orders: list[str] = field(default_factory=list)
    unclaimed: set[str] = field(default_factory=set)
    """Capabilities that it does not offer."""
    unknown_path: Any = None
    """What it answers about a path that does not exist."""
    is_mock: bool = False
    """Whether it answers without any memory of what it was told."""
    left_behind: list[str] = field(default_factory=list)
    windows: int = 0
    """Reservations so far: each has a time of its own."""
    ids: DojoIds = field(default_factory=DojoIds)

    @property
    def table_id(self) -> str | None:
        """A table for orders."""
        known = self.free_tables or [str(table["id"]) for table in self.tables]
        return known[0] if known else None
