"""All that testing adds to a server, wired."""

from collections.abc import Awaitable, Callable

from epos.control import app
from epos.control.door import ControlAuthenticated, ControlDoor
from epos.control.frames import Answering, WatchedFrames
from epos.control.http import WatchedHttp
from epos.control.parameters import ControlServices, Links
from epos.control.watched import Watches
from epos.domain.identifiers import Identifiers
from epos.services.authentication import Authentication
from epos.services.world_templates import Fill
from epos.services.worlds import Worlds
from epos.store.database import Database
from epos.web.application import ContractApi
from epos.web.middleware import Observed
from epos.web.origins import Hosts, Origins
from epos.web.route_table import RouteTable, contract_routes

_DEADLINE_SECONDS = 70.0
"""Longer than a test may wait for an entry of the journal."""


class ControlPlane:
    """The test venues of one server, and what stands around its doors for them."""

    def __init__(
        self,
        database: Database,
        identifiers: Identifiers,
        fill_demo: Fill,
        fell_due: Callable[[str], Awaitable[None]],
        links: Links,
    ) -> None:
        """`fell_due` does what is due in a venue by now, and waits for it."""
        self._identifiers = identifiers
        self._links = links
        self._worlds = Worlds(database, identifiers, fill_demo, fell_due)
        self._watches = Watches(self._worlds)

    async def run(self) -> None:
        """Keep test venues ready. Ends when it is cancelled."""
        await self._worlds.run()

    async def close(self) -> None:
        """Remove what nobody asked for. Call when `run` has ended."""
        await self._worlds.close()

    def frames(self, venue_id: str, dispatcher: Answering) -> Answering:
        """The dispatcher of a venue's connection, watched while it is a test venue."""
        return WatchedFrames(dispatcher, lambda: self._watches.find(venue_id), self._identifiers)

    def enter(self, venue_id: str) -> None:
        """From now on, this context makes ids as the venue's seed says; any venue may be named."""
        self._worlds.enter(venue_id)

    def door(
        self,
        served: Observed,
        api: ContractApi,
        authentication: Authentication,
        password: str,
        hosts: Hosts,
        *,
        docs: bool = True,
    ) -> ControlDoor:
        """The outermost application, around `served`, whose operations `api` has."""
        own = app.build_api(docs=docs)
        own.state.services = ControlServices(
            self._worlds,
            self._watches,
            self._links,
            self._identifiers,
            frozenset(route.name for _, route, _ in contract_routes(api)),
        )
        inner = ControlAuthenticated(RouteTable(own, app.PREFIX), password)
        control = Observed(
            inner,
            self._identifiers,
            hosts,
            Origins(()),
            served.connections,
            served.gate,
            _DEADLINE_SECONDS,
        )
        watched = WatchedHttp(served, RouteTable(api), self._identifiers, served.connections)
        return ControlDoor(served, control, watched, self._watches, authentication)
