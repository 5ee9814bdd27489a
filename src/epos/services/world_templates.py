"""What test venues are made of: a template for each plan, and a few venues of it that are ready.

A venue of the demo takes 10 ms of the database, most of it for the rows of its orders. So some are made
before they are asked for, several in one statement.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol

import structlog

from epos.contract.codec import validate
from epos.contract.errors import ContractViolation
from epos.domain.credentials import Role, secret_hash
from epos.domain.errors import InvalidRequest, Unavailable
from epos.domain.identifiers import Identifiers
from epos.domain.venue import NewVenue
from epos.services.seeded_identifiers import SeededIdentifiers
from epos.services.till.layout import NOTHING, planned, write_floor, write_menu
from epos.services.till.profile import profile_of, set_profile
from epos.store import copies
from epos.store.copies import Fresh, Mark, Renamed, VenueCopy
from epos.store.database import Database
from epos.store.venue_store import VenueStore
from epos.till_contract.layout import Layout
from epos.till_contract.profile import Profile

_TEMPLATE = "t-template"
_TEMPLATE_SECONDS = 300.0
"""After this, a template is made again: the demo is always in the middle of service."""
_MOST_TEMPLATES = 32
MOST_READY = 16
"""Venues of one plan that wait to be asked for."""
_READY_AT_START = 8
_AT_ONCE = 4
"""Made in one statement: half the work of one alone, and over before a test would notice."""
_log = structlog.get_logger(__name__)


class Fill(Protocol):
    """Fills a venue that is new and empty."""

    async def __call__(
        self, store: VenueStore, venue: NewVenue, identifiers: Identifiers
    ) -> None: ...


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
class _Template:
    plan: Plan
    copy: VenueCopy
    named: Renamed
    until: float
    asked: int = 0
    ready: "deque[Ready]" = field(default_factory=deque)

    @property
    def is_current(self) -> bool:
        return time.monotonic() < self.until

    @property
    def missing(self) -> int:
        """How many more shall be ready: as many as were asked for, so that a plan of one test costs one."""
        return min(self.asked, MOST_READY) - len(self.ready) if self.is_current else 0


@dataclass(frozen=True, slots=True)
class Ready:
    """A venue that is in the database. `secrets`: of its credentials, by role."""

    template: _Template
    named: Renamed
    secrets: dict[Role, str]

    @property
    def venue_id(self) -> str:
        return self.named.venue_id

    @property
    def copy(self) -> VenueCopy:
        """What it had when it was made."""
        return self.template.named.applied(self.template.copy, self.named)


class Templates:
    """Those of this process, by plan."""

    def __init__(self, database: Database, identifiers: Identifiers, fill_demo: Fill) -> None:
        self._database = database
        self._identifiers = identifiers
        self._fill_demo = fill_demo
        self._templates: dict[str, _Template] = {}
        self._waste: list[str] = []
        """Ids of venues that nobody will ask for; some may not be there."""
        self._last_milliseconds = 0
        self._drafting = asyncio.Lock()
        self._taken = asyncio.Event()

    async def take(self, plan: Plan) -> Ready:
        """A venue of this plan. Raises InvalidRequest or Conflict for its settings."""
        template = await self._template(plan)
        template.asked += 1
        self._taken.set()
        if template.ready:
            return template.ready.popleft()
        return (await self._make(template, 1))[0]

    async def run(self) -> None:
        """Keep venues ready. Ends when it is cancelled."""
        await self._try(self._begin)
        while True:
            await self._taken.wait()
            self._taken.clear()
            await self._try(self._fill_up)

    async def close(self) -> None:
        """Remove the venues that were not taken. Call when `run` has ended."""
        for template in self._templates.values():
            self._discard(template)
        with contextlib.suppress(Unavailable):
            await self._remove_waste()

    async def _try(self, work: Callable[[], Awaitable[None]]) -> None:
        """What fails is not tried again before the next venue is asked for, which then waits to be made."""
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - whoever asks for a venue is told
            _log.warning("no test venue was made ready", reason=repr(error))

    async def _begin(self) -> None:
        (await self._template(Plan("demo"))).asked = _READY_AT_START
        self._taken.set()

    async def _fill_up(self) -> None:
        await self._remove_waste()
        for template in list(self._templates.values()):
            while (count := min(template.missing, _AT_ONCE)) > 0:
                template.ready.extend(await self._make(template, count))
                if self._templates.get(template.plan.key) is not template:  # forgotten meanwhile
                    self._discard(template)
                    break

    async def _make(self, template: _Template, count: int) -> list[Ready]:
        made = [self._named(template) for _ in range(count)]
        plan = template.plan
        fresh = [
            Fresh(
                one.named,
                {role.value: (role.value, secret_hash(one.secrets[role])) for role in Role},
            )
            for one in made
        ]
        mark = Mark(plan.kind, plan.seed)
        try:
            async with self._database.connection() as connection:
                await copies.make(connection, mark, template.copy, template.named, fresh)
        except BaseException:  # also when cancelled: they may be there
            self._waste += (one.venue_id for one in made)
            raise
        return made

    def _named(self, template: _Template) -> Ready:
        """A venue with names and secrets of its own."""
        venue_id = f"t-{self._identifiers.trace_id()[:12]}"
        own = self._own_time_part() if template.plan.seed is None else ""
        secrets = {role: self._identifiers.secret() for role in Role}
        return Ready(template, Renamed(venue_id, own), secrets)

    def _own_time_part(self) -> str:
        """The time of the ids of one venue: no two venues have the same, so their ids differ."""
        milliseconds = max(time.time_ns() // 1_000_000, self._last_milliseconds + 1)
        self._last_milliseconds = milliseconds
        return Identifiers(lambda: milliseconds).time_part()

    def _discard(self, template: _Template) -> None:
        self._waste += (one.venue_id for one in template.ready)
        template.ready.clear()

    async def _remove_waste(self) -> None:
        while self._waste:
            venue_id = self._waste.pop()
            try:
                async with self._database.connection() as connection:
                    await copies.remove(connection, venue_id)
            except BaseException:
                self._waste.append(venue_id)
                raise

    async def _template(self, plan: Plan) -> _Template:
        key = plan.key
        async with self._drafting:
            known = self._templates.get(key)
            if known is None or not known.is_current:
                self._forget(key)
                asked = 0 if known is None else known.asked
                known = self._templates[key] = await self._draft(plan)
                known.asked = asked
            return known

    def _forget(self, key: str) -> None:
        """Of this plan, and of those that are too old; of all, where there are too many."""
        too_many = len(self._templates) >= _MOST_TEMPLATES
        for other, template in list(self._templates.items()):
            if other == key or too_many or not template.is_current:
                self._discard(template)
                del self._templates[other]

    async def _draft(self, plan: Plan) -> _Template:
        """Make the venue once, in a transaction that leaves nothing behind."""
        if plan.seed is None:
            milliseconds = time.time_ns() // 1_000_000
            identifiers = Identifiers(lambda: milliseconds)
        else:
            identifiers = SeededIdentifiers(plan.seed)
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
        until = time.monotonic() + _TEMPLATE_SECONDS
        return _Template(plan, copy, Renamed(_TEMPLATE, part), until)


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
