"""The comparisons, with their floors and goals."""

from collections.abc import Collection, Iterator, Sequence

from benchmarks import connected
from benchmarks.report import Comparison
from benchmarks.venues import Venue

_TIME = (1.5, 1.2)
_OPERATIONS = ("get", "first", "create", "pay", "contended", "item", "tab", "journey")


def comparisons(venues: Sequence[Venue], measured: Collection[str]) -> list[Comparison]:
    """The comparisons of which both sides were measured."""
    main = venues[1].id
    wanted = [*_ceilings(main), *_depths(venues), *_sizes(venues)]
    wanted += connected.comparisons(venues[0])
    return [c for c in wanted if c.subject in measured and c.against in measured]


def _ceilings(main: str) -> Iterator[Comparison]:
    get = f"get {main}"
    yield Comparison(get, "hello", "Starlette hello", 0.10, 0.15)
    yield Comparison(get, "prism", "Prism mock", 2, 3)
    yield Comparison(get, "pg get", "pgbench, same statement")
    yield Comparison("health two", "health one", "one process", 1.6, 1.8)
    yield Comparison("refused two", "refused one", "one process", 1.6, 1.8)
    yield Comparison("get two", get, "one process")
    yield Comparison("get assigned", "hello", "Starlette hello")
    for key, floor, goal in (("pay", 0.25, 0.33), ("contended", 0.25, 0.33), ("journey", 0.2, 0.3)):
        yield Comparison(f"{key} {main}", f"pg {key}", "pgbench, same statements", floor, goal)
    for key in ("item", "tab"):
        yield Comparison(f"{key} {main}", f"pay {main}", "record-payment, many orders")


def _depths(venues: Sequence[Venue]) -> Iterator[Comparison]:
    for venue in venues:
        yield Comparison(
            f"deep {venue.id}", f"first {venue.id}", "first page, in time", *_TIME, in_time=True
        )


def _sizes(venues: Sequence[Venue]) -> Iterator[Comparison]:
    small, *larger = venues
    for operation in _OPERATIONS:
        for venue in larger:
            label = f"{small.size:,} orders, in time"
            ours, theirs = f"{operation} {venue.id}", f"{operation} {small.id}"
            yield Comparison(ours, theirs, label, *_TIME, in_time=True)
