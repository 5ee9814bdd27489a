"""Venues for tests: made from a template, copied, put back, moved in time, removed."""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from epos.contract.codec import validate
from epos.contract.errors import ContractViolation
from epos.domain.credentials import Role, secret_hash, username
from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.venue import NewVenue
from epos.services.till.layout import NOTHING, planned, write_floor, write_menu
from epos.services.till.profile import profile_of, set_profile
from epos.store import copies
from epos.store.copies import Mark, VenueCopy
from epos.store.database import Database
from epos.store.venue_store import VenueStore
from epos.till_contract.layout import Layout
from epos.till_contract.profile import Profile

_TEMPLATE = "t-template"
_TEMPLATE_SECONDS = 300.0
"""After this, a template is made again: the demo is always in the middle of service."""
_MOST_TEMPLATES = 32
_MOST_SNAPSHOTS = 20
_SEEDED_MILLISECONDS = 1_767_225_600_000
"""2026-01-01: ids that are made with a seed are the same in each run."""
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)
_CALENDAR = "must lead to a time from 2000 to 2199"
_LATER = 1_000_000
_OWN_IDENTIFIERS = ContextVar[Identifiers | None]("own_identifiers", default=None)
Fill = Callable[[VenueStore, NewVenue, Identifiers], Awaitable[None]]


def seeded(seed: int, *, later: int = 0) -> Identifiers:
    """The same ids in each run, in the same order. `later` in milliseconds: they sort after others."""
    numbers = itertools.count(_SEEDED_MILLISECONDS + later)
    source = random.Random(seed)  # noqa: S311 - of a test venue
    return Identifiers(lambda: next(numbers), source.randbytes)


class WorldIdentifiers(Identifiers):
    """Makes the ids of the venue whose request is being answered, if that has a seed."""

    def new(self, prefix: str) -> str:
        own = _OWN_IDENTIFIERS.get()
        return super().new(prefix) if own is None else own.new(prefix)

    def reference(self, attempt: int) -> str:
        own = _OWN_IDENTIFIERS.get()
        return super().reference(attempt) if own is None else own.reference(attempt)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a test venue shall be like. `settings`: properties of its profile."""

    kind: str
    layout: Layout | None = None
    seed: int | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Equal for plans that make the same venue."""
        layout = "" if self.layout is None else self.layout.model_dump_json()
        text = f"{self.kind} {self.seed} {sorted(self.settings.items())} {layout}"
        return sha256(text.encode()).hexdigest()


@dataclass(slots=True)
class World:
    """A test venue in the memory of its server. Nothing of it outlives the process."""

    venue_id: str
    identifiers: Identifiers | None
    """Those of its seed."""
    made: VenueCopy
    snapshots: dict[str, VenueCopy] = field(default_factory=dict)

    def enter(self) -> None:
        """Call at the start of a request of this venue, in its own context."""
        _OWN_IDENTIFIERS.set(self.identifiers)


@dataclass(frozen=True, slots=True)
class Made:
    """A new test venue. `credentials`: by role, the user name and the secret, shown once."""

    venue_id: str
    credentials: dict[Role, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of a venue, in UTC, and whether it stands still."""

    now: datetime
    is_frozen: bool


@dataclass(frozen=True, slots=True)
class _Template:
    copy: VenueCopy
    time_part: str
    until: float


class Worlds:
    """The test venues of this process. One process alone serves them: `EPOS_TESTING` allows no more."""

    def __init__(
        self,
        database: Database,
        identifiers: Identifiers,
        fill_demo: Fill,
        fell_due: Callable[[str], Awaitable[None]],
    ) -> None:
        """`fell_due` does what is due in a venue by now, and waits for it."""
        self._fell_due = fell_due
        self._database = database
        self._identifiers = identifiers
        self._fill_demo = fill_demo
        self._templates: dict[str, _Template] = {}
        self._worlds: dict[str, World] = {}
        self._last_milliseconds = 0
        self._drafting = asyncio.Lock()

    def find(self, venue_id: str) -> World | None:
        """The test venue with this id, if it is one of this process."""
        return self._worlds.get(venue_id)

    async def require(self, venue_id: str) -> World:
        """Raises NotFound for any venue that was not made by `make`."""
        world = self._worlds.get(venue_id)
        if world is None:
            raise NotFound(f"Test venue {venue_id}")
        return world

    async def make(self, plan: Plan) -> Made:
        """Make a venue with three credentials. Raises InvalidRequest or Conflict for its settings."""
        template = await self._template(plan)
        copy = template.copy
        if plan.seed is None:
            copy = copy.replaced(f"_{template.time_part}", f"_{self._own_time_part()}")
        venue_id = f"t-{self._identifiers.trace_id()[:12]}"
        copy = copy.replaced(f'"{_TEMPLATE}"', f'"{venue_id}"')
        secrets = {role: self._identifiers.secret() for role in Role}
        hashes = {role.value: (role.value, secret_hash(secrets[role])) for role in Role}
        async with self._database.connection() as connection:
            await copies.write_new(connection, venue_id, Mark(plan.kind, plan.seed, hashes), copy)
        identifiers = None if plan.seed is None else seeded(plan.seed + 1, later=_LATER)
        self._worlds[venue_id] = World(venue_id, identifiers, copy)
        names = {role: (username(venue_id, role), secrets[role]) for role in Role}
        return Made(venue_id, names)

    async def remove(self, venue_id: str) -> None:
        """Remove it with everything in it. Raises NotFound."""
        await self.require(venue_id)
        async with self._database.connection() as connection:
            await copies.remove(connection, venue_id)
        self._worlds.pop(venue_id, None)

    async def snapshot(self, venue_id: str) -> str:
        """Keep what the venue has now. Returns the snapshot's id. Raises NotFound or Conflict."""
        world = await self.require(venue_id)
        if len(world.snapshots) >= _MOST_SNAPSHOTS:
            raise Conflict(f"A test venue has at most {_MOST_SNAPSHOTS} snapshots")
        async with self._database.connection() as connection:
            copy = await copies.read(connection, venue_id)
        snapshot_id = self._identifiers.new("snap")
        world.snapshots[snapshot_id] = copy
        return snapshot_id

    async def restore(self, venue_id: str, snapshot_id: str) -> None:
        """Put the venue back to a snapshot, its clock too. Raises NotFound."""
        world = await self.require(venue_id)
        copy = world.snapshots.get(snapshot_id)
        if copy is None:
            raise NotFound(f"Snapshot {snapshot_id}")
        await self._write_over(venue_id, copy)

    async def reset(self, venue_id: str) -> None:
        """Put the venue back to what it was when it was made. Its snapshots stay. Raises NotFound."""
        world = await self.require(venue_id)
        await self._write_over(venue_id, world.made)

    async def set_clock(
        self,
        venue_id: str,
        *,
        freeze_at: datetime | None = None,
        advance: timedelta = timedelta(0),
        unfreeze: bool = False,
    ) -> Clock:
        """Freeze, advance or let run the venue's time, in this order; when it returns, what fell due is
        done. No other venue is touched. Raises NotFound, InvalidRequest for a time beyond the calendar.
        """
        await self.require(venue_id)
        async with self._database.connection() as connection, connection.transaction():
            clock = await copies.lock_clock(connection, venue_id)
            try:
                frozen_at, offset = freeze_at or clock.frozen_at, clock.offset
                if frozen_at is None:
                    offset += advance
                else:
                    frozen_at += advance
                    if unfreeze:
                        offset = frozen_at - clock.real
                        frozen_at = None
                _check_calendar(frozen_at or clock.real + offset)
            except OverflowError:
                raise InvalidRequest("advanceSeconds", _CALENDAR) from None
            await copies.set_clock(connection, venue_id, frozen_at, offset)
        await self._fell_due(venue_id)
        return await self.clock(venue_id)

    async def clock(self, venue_id: str) -> Clock:
        """The venue's time. Raises NotFound."""
        await self.require(venue_id)
        async with self._database.connection() as connection:
            kept = await copies.read_clock(connection, venue_id)
        return Clock(kept.now, kept.frozen_at is not None)

    async def _write_over(self, venue_id: str, copy: VenueCopy) -> None:
        async with self._database.connection() as connection:
            await copies.write_over(connection, venue_id, copy)

    def _own_time_part(self) -> str:
        """The time of the ids of one venue: no two venues have the same, so their ids differ."""
        milliseconds = max(time.time_ns() // 1_000_000, self._last_milliseconds + 1)
        self._last_milliseconds = milliseconds
        return Identifiers(lambda: milliseconds).time_part()

    async def _template(self, plan: Plan) -> _Template:
        key = plan.key
        async with self._drafting:
            known = self._templates.get(key)
            if known is None or known.until < time.monotonic():
                if len(self._templates) >= _MOST_TEMPLATES:
                    self._templates.clear()
                known = self._templates[key] = await self._draft(plan)
            return known

    async def _draft(self, plan: Plan) -> _Template:
        """Make the venue once, in a transaction that leaves nothing behind."""
        if plan.seed is None:
            milliseconds = time.time_ns() // 1_000_000
            identifiers = Identifiers(lambda: milliseconds)
        else:
            identifiers = seeded(plan.seed)
        new = NewVenue(
            id=_TEMPLATE, name="The Heron & Hound" if plan.kind == "demo" else "Test venue"
        )

        async def fill(store: VenueStore) -> None:
            if plan.kind == "demo":
                await self._fill_demo(store, new, identifiers)
            elif plan.layout is not None:
                await _set_up(store, plan.layout)
            await _apply(store, plan.settings)

        copy = await copies.drafted(self._database, new, fill)
        part = identifiers.time_part() if plan.seed is None else ""
        return _Template(copy, part, time.monotonic() + _TEMPLATE_SECONDS)


def _check_calendar(now: datetime) -> None:
    """Days before and after are computed with it."""
    if not _FIRST <= now <= _LAST:
        raise InvalidRequest("freezeAt", _CALENDAR)


async def _set_up(store: VenueStore, layout: Layout) -> None:
    await set_profile(store, layout.venue, await store.setup.profile())
    await write_floor(store, NOTHING, planned(layout), await store.venue.now())
    await write_menu(store, layout.menu)


async def _apply(store: VenueStore, settings: dict[str, Any]) -> None:
    """Raises InvalidRequest for what a profile cannot have."""
    if not settings:
        return
    before = await store.setup.profile()
    plain = profile_of(before).model_dump(exclude={"version"}, exclude_none=True)
    try:
        profile = validate(Profile, plain | settings)
    except ContractViolation as fault:
        raise InvalidRequest("settings", fault.message) from None
    await set_profile(store, profile, before)
