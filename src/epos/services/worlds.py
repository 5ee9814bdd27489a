"""Venues for tests: made from a template, copied, put back, moved in time, removed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from epos.domain.credentials import Role, username
from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.identifiers import Identifiers
from epos.services.seeded_identifiers import Place, SeededIdentifiers, work_with
from epos.services.world_templates import Fill, Plan, Ready, Templates
from epos.store import copies
from epos.store.copies import VenueCopy
from epos.store.database import Database

_MOST_SNAPSHOTS = 20
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)
_CALENDAR = "must lead to a time from 2000 to 2199"
_LATER = 1_000_000


@dataclass(frozen=True, slots=True)
class _Snapshot:
    copy: VenueCopy
    place: Place | None
    """Where the ids of its seed were."""


@dataclass(slots=True)
class World:
    """A test venue in the memory of its server. Nothing of it outlives the process."""

    ready: Ready
    identifiers: SeededIdentifiers | None
    """Those of its seed."""
    began: Place | None
    snapshots: dict[str, _Snapshot] = field(default_factory=dict)

    @property
    def place(self) -> Place | None:
        return None if self.identifiers is None else self.identifiers.place

    def enter(self) -> None:
        """Call at the start of a request of this venue, in its own context."""
        work_with(self.identifiers)

    def go_back(self, place: Place | None) -> None:
        """The ids that follow are those that followed this place before."""
        if self.identifiers is not None and place is not None:
            self.identifiers.go_back(place)


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
        self._templates = Templates(database, identifiers, fill_demo)
        self._worlds: dict[str, World] = {}

    async def run(self) -> None:
        """Keep venues ready, so that most are there when they are asked for. Ends when it is cancelled."""
        await self._templates.run()

    async def close(self) -> None:
        """Remove the venues that nobody asked for. Call when `run` has ended."""
        await self._templates.close()

    def find(self, venue_id: str) -> World | None:
        """The test venue with this id, if it is one of this process."""
        return self._worlds.get(venue_id)

    def enter(self, venue_id: str) -> None:
        """Work for this venue begins in this context, which may have worked for another."""
        world = self._worlds.get(venue_id)
        work_with(None if world is None else world.identifiers)

    async def require(self, venue_id: str) -> World:
        """Raises NotFound for any venue that was not made by `make`."""
        world = self._worlds.get(venue_id)
        if world is None:
            raise NotFound(f"Test venue {venue_id}")
        return world

    async def make(self, plan: Plan) -> Made:
        """Make a venue with three credentials. Raises InvalidRequest or Conflict for its settings."""
        ready = await self._templates.take(plan)
        identifiers = None if plan.seed is None else SeededIdentifiers(plan.seed + 1, later=_LATER)
        world = World(ready, identifiers, None if identifiers is None else identifiers.place)
        self._worlds[ready.venue_id] = world
        names = {role: (username(ready.venue_id, role), ready.secrets[role]) for role in Role}
        return Made(ready.venue_id, names)

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
        world.snapshots[snapshot_id] = _Snapshot(copy, world.place)
        return snapshot_id

    async def restore(self, venue_id: str, snapshot_id: str) -> None:
        """Put the venue back to a snapshot, its clock too. Raises NotFound."""
        world = await self.require(venue_id)
        kept = world.snapshots.get(snapshot_id)
        if kept is None:
            raise NotFound(f"Snapshot {snapshot_id}")
        await self._write_over(venue_id, kept.copy)
        world.go_back(kept.place)

    async def reset(self, venue_id: str) -> None:
        """Put the venue back to what it was when it was made. Its snapshots stay. Raises NotFound."""
        world = await self.require(venue_id)
        await self._write_over(venue_id, world.ready.copy)
        world.go_back(world.began)

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
        (await self.require(venue_id)).enter()
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


def _check_calendar(now: datetime) -> None:
    """Days before and after are computed with it."""
    if not _FIRST <= now <= _LAST:
        raise InvalidRequest("freezeAt", _CALENDAR)
