"""The rows that are measured, in their order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import loads, pgbench, venues, wrk
from benchmarks.capture import BILL, LOCK, PAY, READ, UNLOCK, Capture
from benchmarks.connected import Connected
from benchmarks.postgres import Postgres
from benchmarks.samples import Sample, Subject
from benchmarks.servers import Server
from benchmarks.venues import Venue
from benchmarks.wrk import Load

JOURNEY = (LOCK, BILL, PAY, UNLOCK)
TAB = ("open", "item", "pay")


@dataclass(frozen=True)
class Plan:
    """Everything that is running. `prism` is None where it cannot be installed."""

    postgres: Postgres
    served: frozenset[str]
    venues: Sequence[Venue]
    assigned: Venue
    epos: Server
    epos_of_two: Server
    hello: Server
    prism: Server | None
    cursors: dict[str, str]
    scratch: Path
    connected: Connected

    @property
    def main(self) -> Venue:
        """The venue that is compared with other programs."""
        return self.venues[1]

    def subjects(self) -> Iterator[Subject]:
        """In the order in which they are measured in every round."""
        yield from self._reads()
        yield from self._two_processes()
        yield from self._searches()
        yield from self._creates()
        if PAY in self.served:
            yield from self._payments()
        yield from self._tills()
        if self.served.issuperset(JOURNEY):
            yield from self._journeys()
        yield from self.connected.subjects()

    def _reads(self) -> Iterator[Subject]:
        yield _ceiling("hello", "Starlette hello", Load(self.hello.url), self.hello)
        for venue in self.venues:
            yield self._get(f"get {venue.id}", "GET order", self.epos, venue)
        what = "GET order, policy assigned"
        yield self._get("get assigned", what, self.epos, self.assigned)
        if self.prism is not None:
            load = Load(self.prism.url, headers=self.main.headers)
            yield _ceiling("prism", "Prism mock, GET order", load, self.prism)
        yield self._pgbench("pg get", "pgbench, GET order", pgbench.ANY_ORDER, READ)

    def _two_processes(self) -> Iterator[Subject]:
        both = (("one", self.epos), ("two", self.epos_of_two))
        for count, epos in both:
            load = Load(f"{epos.url}/healthz")
            yield self._reading(f"health {count}", f"GET /healthz, {count}", load, epos)
        for count, epos in both:
            load = loads.refused_order(epos.url, self.main, self.scratch / "refused.json")
            yield self._reading(f"refused {count}", f"create order, refused, {count}", load, epos)
        yield self._get("get two", "GET order, two processes", self.epos_of_two, self.main)

    def _searches(self) -> Iterator[Subject]:
        for venue in self.venues:
            cursor = self.cursors[venue.id]
            first, deep = "search, 100 a page", f"same, {depth(venue):,} deep"
            for key, what, after in (("first", first, None), ("deep", deep, cursor)):
                load = loads.search(self.epos.url, venue, after)
                yield self._reading(f"{key} {venue.id}", what, load, self.epos, size(venue))

    def _creates(self) -> Iterator[Subject]:
        for venue in self.venues:
            load = loads.create_order(self.epos.url, venue, self.scratch / "create.json")
            yield self._writing(f"create {venue.id}", "create order", load, venue)

    def _payments(self) -> Iterator[Subject]:
        many, one = "record-payment, many orders", "record-payment, contended order"
        for venue in self.venues:
            load = loads.pay(self.epos.url, venue)
            yield self._writing(f"pay {venue.id}", many, load, venue)
        yield self._pgbench("pg pay", f"pgbench, {many}", pgbench.OWN_OPEN_ORDER, PAY)
        for venue in self.venues:
            load = loads.pay_contended(self.epos.url, venue)
            yield self._writing(f"contended {venue.id}", one, load, venue)
        order = pgbench.SHARED_ORDER.replace("{splits}", str(loads.SPLITS))
        yield self._pgbench("pg contended", f"pgbench, {one}", order, PAY)

    def _tills(self) -> Iterator[Subject]:
        for venue in self.venues:
            load = loads.add_item(self.epos.url, venue)
            yield self._writing(f"item {venue.id}", "add an item to a tab", load, venue)
        for venue in self.venues:
            load = loads.whole_tab(self.epos.url, venue)
            what = "open a tab, add an item, close it"
            yield self._writing(f"tab {venue.id}", what, load, venue, steps=len(TAB))

    def _journeys(self) -> Iterator[Subject]:
        what = "lock, bill, pay, unlock"
        for venue in self.venues:
            load = loads.journey(self.epos.url, venue)
            yield self._writing(f"journey {venue.id}", what, load, venue, steps=len(JOURNEY))
        yield self._pgbench("pg journey", f"pgbench, {what}", pgbench.OWN_OPEN_ORDER, *JOURNEY)

    def _get(self, key: str, what: str, epos: Server, venue: Venue) -> Subject:
        return self._reading(key, what, loads.get_order(epos.url, venue), epos, size(venue))

    def _reading(self, key: str, what: str, load: Load, epos: Server, venue: str = "") -> Subject:
        measure = partial(wrk.run, load)
        return Subject(key, what, measure, venue, server=epos.pid, postgres=self.postgres.pid)

    def _writing(self, key: str, what: str, load: Load, venue: Venue, *, steps: int = 1) -> Subject:
        def measure(seconds: int) -> Sample:
            return wrk.run(load, seconds).of_steps(steps)

        restore, pids = self._restoring(venue), (self.epos.pid, self.postgres.pid)
        return Subject(key, what, measure, size(venue), restore, *pids)

    def _pgbench(self, key: str, what: str, order: str, *capabilities: str) -> Subject:
        venue = self.main
        example, sent = Capture(self.postgres.url, venue).statements(*capabilities)
        script = pgbench.Script.of(pgbench.order_choice(order, venue), example, sent)
        restore = self._restoring(venue)
        restore()
        measure = partial(pgbench.run, self.postgres, script)
        return Subject(key, what, measure, size(venue), restore, postgres=self.postgres.pid)

    def _restoring(self, venue: Venue) -> Callable[[], None]:
        return partial(venues.restore, self.postgres, venue)


def depth(venue: Venue) -> int:
    """Orders before the deep page: 100,000, or about half of a smaller venue."""
    return 100_000 if venue.size > 100_000 else venue.size // 200 * 100


def size(venue: Venue) -> str:
    return f"{venue.size:,}"


def _ceiling(key: str, what: str, load: Load, server: Server) -> Subject:
    return Subject(key, what, partial(wrk.run, load), server=server.pid)
