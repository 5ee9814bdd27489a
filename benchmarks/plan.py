"""What is measured, and in which order."""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from benchmarks import bodies, pgbench, venues, wrk
from benchmarks.capture import BILL, LOCK, PAY, READ, UNLOCK, Capture
from benchmarks.connected import Connected
from benchmarks.postgres import Postgres
from benchmarks.samples import Sample, Subject
from benchmarks.venues import Venue
from benchmarks.wrk import Load

JOURNEY = (LOCK, BILL, PAY, UNLOCK)
TAB = ("open", "item", "pay")
SPLITS = 24
"""Payments in a row on one order, while it is the contended one."""
CONTENDERS = TERMINALS = pgbench.CLIENTS
TILLS = wrk.CONNECTIONS
"""As many as there are terminals that record payments, which the tills are compared with."""
_tags = (f"{time.time_ns():x}{number:x}" for number in itertools.count())


@dataclass(frozen=True)
class Plan:
    """Everything that is running, and where. `prism` is None on a machine that cannot have it."""

    postgres: Postgres
    served: frozenset[str]
    venues: Sequence[Venue]
    assigned: Venue
    epos: str
    epos_of_two: str
    hello: str
    prism: str | None
    cursors: dict[str, str]
    scratch: Path
    connected: Connected

    @property
    def main(self) -> Venue:
        """The venue that is compared with the ceilings."""
        return self.venues[1]

    def subjects(self) -> Iterator[Subject]:
        """Neighbours in this order are neighbours in time, in every round."""
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
        yield Subject("hello", "Starlette hello", partial(wrk.run, Load(self.hello)))
        for venue in self.venues:
            yield _get(f"get {venue.id}", "GET order", self.epos, venue)
        yield _get("get assigned", "GET order, policy assigned", self.epos, self.assigned)
        if self.prism is not None:
            mock = Load(self.prism, headers=self.main.headers)
            yield Subject("prism", "Prism mock, GET order", partial(wrk.run, mock))
        yield self._pgbench("pg get", "pgbench, GET order", pgbench.ANY_ORDER, READ)

    def _two_processes(self) -> Iterator[Subject]:
        for count, base in (("one", self.epos), ("two", self.epos_of_two)):
            load = Load(f"{base}/healthz")
            yield Subject(f"health {count}", f"GET /healthz, {count}", partial(wrk.run, load))
        for count, base in (("one", self.epos), ("two", self.epos_of_two)):
            yield self._refused(f"refused {count}", f"create order, refused, {count}", base)
        yield _get("get two", "GET order, two processes", self.epos_of_two, self.main)

    def _refused(self, key: str, what: str, base: str) -> Subject:
        """All that a request costs but the database: read, authenticated, validated, answered, logged."""
        arguments = [str(self.scratch / "refused.json")]
        load = Load(base, "refused.lua", arguments, self.main.headers, refused=True)
        return Subject(key, what, partial(wrk.run, load))

    def _searches(self) -> Iterator[Subject]:
        for venue in self.venues:
            yield self._search(f"first {venue.id}", "search, 100 a page", venue, None)
            cursor = self.cursors[venue.id]
            yield self._search(f"deep {venue.id}", f"same, {depth(venue):,} deep", venue, cursor)

    def _search(self, key: str, what: str, venue: Venue, after: str | None) -> Subject:
        load = Load(self.epos, "search.lua", [bodies.search(after)], venue.headers)
        return Subject(key, what, partial(wrk.run, load), size(venue))

    def _creates(self) -> Iterator[Subject]:
        for venue in self.venues:
            arguments = [str(self.scratch / "create.json")]
            load = Load(self.epos, "create.lua", arguments, venue.headers)
            yield self._writing(f"create {venue.id}", "create order", load, venue)

    def _payments(self) -> Iterator[Subject]:
        many, one = "record-payment, many orders", "record-payment, contended order"
        for venue in self.venues:
            load = _pay(self.epos, venue, splits=1, connections=wrk.CONNECTIONS)
            yield self._writing(f"pay {venue.id}", many, load, venue)
        yield self._pgbench("pg pay", f"pgbench, {many}", pgbench.OWN_OPEN_ORDER, PAY)
        for venue in self.venues:
            load = _pay(self.epos, venue, splits=SPLITS, connections=CONTENDERS)
            yield self._writing(f"contended {venue.id}", one, load, venue)
        order = pgbench.SHARED_ORDER.replace("{splits}", str(SPLITS))
        yield self._pgbench("pg contended", f"pgbench, {one}", order, PAY)

    def _tills(self) -> Iterator[Subject]:
        for venue in self.venues:
            load = self._till("item.lua", venue, str(venue.open), str(TILLS))
            yield self._writing(f"item {venue.id}", "add an item to a tab", load, venue)
        for venue in self.venues:
            load = self._till("tab.lua", venue)
            what = "open a tab, add an item, close it"
            yield self._writing(f"tab {venue.id}", what, load, venue, steps=len(TAB))

    def _till(self, script: str, venue: Venue, *arguments: str) -> Load:
        return Load(self.epos, script, arguments, venue.till_headers, TILLS, TILLS)

    def _journeys(self) -> Iterator[Subject]:
        what = "lock, bill, pay, unlock"
        expiry = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
        for venue in self.venues:
            arguments = [str(venue.first_open), str(venue.open), str(TERMINALS), expiry]
            load = Load(self.epos, "journey.lua", arguments, venue.headers, TERMINALS, TERMINALS)
            yield self._writing(f"journey {venue.id}", what, load, venue, steps=len(JOURNEY))
        yield self._pgbench("pg journey", f"pgbench, {what}", pgbench.OWN_OPEN_ORDER, *JOURNEY)

    def _writing(self, key: str, what: str, load: Load, venue: Venue, *, steps: int = 1) -> Subject:
        """Each run has a tag of its own, so that what it sends is new."""

        def measure(seconds: int) -> Sample:
            return wrk.run(load.tagged(next(_tags)), seconds).of_steps(steps)

        return Subject(key, what, measure, size(venue), self._restoring(venue))

    def _pgbench(self, key: str, what: str, order: str, *capabilities: str) -> Subject:
        venue = self.main
        example, sent = Capture(self.postgres.url, venue).statements(*capabilities)
        script = pgbench.Script.of(pgbench.order_choice(order, venue), example, sent)
        self._restoring(venue)()
        measure = partial(pgbench.run, self.postgres, script)
        return Subject(key, what, measure, size(venue), self._restoring(venue))

    def _restoring(self, venue: Venue) -> Callable[[], None]:
        return partial(venues.restore, self.postgres, venue)


def depth(venue: Venue) -> int:
    """How deep the deep page is: 100,000, or half way down a smaller venue, in whole pages."""
    return 100_000 if venue.size > 100_000 else venue.size // 200 * 100


def size(venue: Venue) -> str:
    return f"{venue.size:,}"


def _get(key: str, what: str, base: str, venue: Venue) -> Subject:
    load = Load(base, "get.lua", [str(venue.size)], venue.headers)
    return Subject(key, what, partial(wrk.run, load), size(venue))


def _pay(base: str, venue: Venue, *, splits: int, connections: int) -> Load:
    arguments = [str(venue.first_open), str(venue.open), str(splits)]
    return Load(base, "pay.lua", arguments, venue.headers, connections)
