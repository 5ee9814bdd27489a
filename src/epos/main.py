"""The one place where things are wired."""

import asyncio
import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from fastapi import FastAPI

from epos import logs
from epos.choices import TablesSearchShape
from epos.connected.runner import Runner, Work
from epos.connected.venue import VenueConnection
from epos.dojo.leases import Lease, Leases
from epos.dojo.links import Links
from epos.dojo.outbox import Outbox
from epos.dojo.payment_job import PaymentJob
from epos.dojo.registration import Registrar
from epos.dojo.source import DojoSource
from epos.dojo_settings import build_links
from epos.domain.credentials import SystemActor
from epos.domain.dojo import Access
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.rest import app as rest
from epos.services.admission import Admission, Lane
from epos.services.api import Services
from epos.services.areas import Areas
from epos.services.authentication import Authentication
from epos.services.bills import Bills
from epos.services.events import Events
from epos.services.order_locks import OrderLocks
from epos.services.orders import Orders
from epos.services.parties import Parties
from epos.services.payment_checks import PaymentChecks
from epos.services.payments import Payments
from epos.services.queues import MOST_WAIT_SECONDS
from epos.services.reservations import Reservations
from epos.services.source_of_truth import SourceOfTruth
from epos.services.tables import Tables
from epos.services.till.api import TillServices
from epos.services.till.cash_drawers import CashDrawers
from epos.services.till.days import Days
from epos.services.till.deposits import Deposits
from epos.services.till.floor import Floor
from epos.services.till.keys import Keys, under_key
from epos.services.till.layout import Layouts
from epos.services.till.menu import Menus
from epos.services.till.papers import Papers
from epos.services.till.pins import Pins
from epos.services.till.profile import Profiles
from epos.services.till.receipts import Receipts
from epos.services.till.reports import Reports
from epos.services.till.seating import Seating
from epos.services.till.staff import Approvals, Staff
from epos.services.till.tab_edits import TabEdits
from epos.services.till.tab_moves import TabMoves
from epos.services.till.tab_payments import TabPayments
from epos.services.till.tab_status import TabStatus
from epos.services.till.tabs import Tabs
from epos.services.till.tips import Tips
from epos.services.till.vouchers import Vouchers
from epos.services.venues import Venues
from epos.settings import Settings, load
from epos.store.database import Database
from epos.store.node_watch import NodeWatch
from epos.store.readiness import Readiness, ask_node_of
from epos.store.wakeups import Wakeups
from epos.till import app as till
from epos.web import health
from epos.web.application import ContractApi, Lifespan
from epos.web.authentication import Authenticated
from epos.web.connections import Connections, room_for_clients
from epos.web.docs import docs_router
from epos.web.gate import Gate
from epos.web.middleware import Observed
from epos.web.origins import Hosts, Origins
from epos.web.route_table import RouteTable
from epos.websocket.connection import Answering
from epos.websocket.dispatch import Dispatcher, Handler

if TYPE_CHECKING:  # a server that is not there for tests loads none of it
    from epos.control.door import ControlDoor
    from epos.control.plane import ControlPlane
    from epos.services.world_templates import Fill

_PR_SET_PDEATHSIG = 1
_SWITCH_SECONDS = 0.001
"""How long a thread that works keeps Python's lock while others wait for it, a fifth of Python's own value:
the event loop waits behind each thread that renders a large paper.
"""
_FOR_THE_SERVER_ITSELF = 2
"""Connections beside those of requests: for the outbox and the checks of payments."""
_FOR_CREDENTIALS = 2


def build_services(
    database: Database, identifiers: Identifiers, source: SourceOfTruth | None = None
) -> Services:
    """`source`: whom to ask about payments; without one, nobody is."""
    return Services(
        areas=Areas(database),
        tables=Tables(database),
        orders=Orders(database, identifiers, source),
        parties=Parties(database, identifiers),
        reservations=Reservations(database, identifiers),
        events=Events(database, identifiers, source),
        payments=Payments(database, identifiers, source),
        locks=OrderLocks(database),
        bills=Bills(database),
    )


def build_till_services(database: Database, identifiers: Identifiers) -> TillServices:
    pins = Pins(database)
    approvals = Approvals(pins)
    keyed = database.around(under_key)
    return TillServices(
        staff=Staff(keyed, identifiers, pins),
        profiles=Profiles(keyed),
        layouts=Layouts(keyed),
        floor=Floor(keyed, identifiers),
        menu=Menus(keyed, identifiers),
        tabs=Tabs(keyed, identifiers),
        tab_edits=TabEdits(keyed, identifiers, approvals),
        tab_moves=TabMoves(keyed, identifiers),
        tab_status=TabStatus(keyed, identifiers, approvals),
        tab_payments=TabPayments(keyed, identifiers, approvals),
        tips=Tips(keyed, identifiers, approvals),
        deposits=Deposits(keyed, identifiers),
        vouchers=Vouchers(keyed, identifiers),
        receipts=Receipts(database),
        days=Days(keyed, approvals),
        cash_drawers=CashDrawers(keyed, approvals),
        reports=Reports(keyed),
        seating=Seating(keyed, identifiers),
        papers=Papers(database, Bills(database)),
        keys=Keys(database),
    )


def build_app(
    settings: Settings, database_url: str, fill_demo: "Fill | None" = None
) -> "Observed | ControlDoor":
    """The whole application on one database; it closes its connections when it stops. `fill_demo` fills
    the demo venues of tests: given, if and only if testing is on.
    """
    identifiers = Identifiers() if fill_demo is None else _identifiers_of_worlds()
    told_at = settings.notify_database_url or database_url
    wakeups, admission = Wakeups(told_at), Admission(settings.database_pool_size)
    pools = _Pools.of(settings, database_url, wakeups)
    database = pools.requests
    links = build_links(settings, database)
    source = DojoSource(links)
    services = build_services(database, identifiers, source)
    leases = Leases(
        pools.leases, f"{socket.gethostname()}-{os.getpid()}-{identifiers.trace_id()[:8]}"
    )
    plane = (
        None
        if fill_demo is None
        else build_plane(database, identifiers, source, services, fill_demo, links)
    )
    runner = build_runner(
        links,
        leases,
        source,
        database,
        identifiers,
        services,
        wakeups,
        admission,
        _AsTheyAre() if plane is None else plane,
    )
    running: list[_Running] = [runner, wakeups, pools.nodes]
    closing: list[_Closing] = [source, pools]
    if plane is not None:
        running.append(plane)
        closing.insert(0, plane)
    api = build_api(_lifespan(running, database, closing), docs=settings.docs)
    _give_services(api, settings, database, identifiers, services)
    api.state.is_ready = Readiness(pools.readiness)
    api.state.ask_node_of = partial(ask_node_of, pools.readiness)
    api.state.nodes = pools.nodes.nodes
    authentication = Authentication(pools.credentials, demo=settings.demo_is_on)
    served = _around(api, settings, identifiers, admission, authentication)
    if plane is None:
        return served
    hosts = Hosts(settings.host_names, answers_any=settings.answers_any_host)
    password = _testing_password(settings)
    return plane.door(served, api, authentication, password, hosts, docs=settings.docs)


class _Running(Protocol):
    async def run(self) -> None: ...


class _Closing(Protocol):
    async def close(self) -> None: ...


def _lifespan(jobs: Iterable[_Running], database: Database, opened: Iterable[_Closing]) -> Lifespan:
    """Run the jobs while the application runs, then close what is open."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await database.open()  # the port is not served yet
        running = {asyncio.create_task(job.run()) for job in jobs}
        _calm_collector()
        sys.setswitchinterval(_SWITCH_SECONDS)
        with contextlib.suppress(asyncio.CancelledError):  # a second Ctrl-C: the same, in a hurry
            yield
        for task in running:
            task.cancel()
        await asyncio.wait(running)
        for one in opened:
            await one.close()

    return lifespan


def _testing_password(settings: Settings) -> str:
    assert settings.testing_password is not None, "serving makes one"  # noqa: S101
    return settings.testing_password.get_secret_value()


@dataclass(frozen=True, slots=True)
class _Pools:
    """Connections to the database, apart so that none of these waits behind another: not the check of a
    credential behind payments, nor the renewal of a lease behind searches.
    """

    requests: Database
    credentials: Database
    readiness: Database
    leases: Database
    nodes: NodeWatch

    @classmethod
    def of(cls, settings: Settings, url: str, wakeups: Wakeups) -> "_Pools":
        size = settings.database_pool_size + _FOR_THE_SERVER_ITSELF
        nodes = NodeWatch(url)
        seconds = MOST_WAIT_SECONDS
        return cls(
            requests=Database(url, size, committed=wakeups.committed, nodes=nodes),
            credentials=Database(url, _FOR_CREDENTIALS, wait_seconds=seconds, nodes=nodes),
            readiness=Database(url, pool_size=1, wait_seconds=seconds, nodes=nodes),
            leases=Database(settings.notify_database_url or url, pool_size=1, nodes=nodes),
            nodes=nodes,
        )

    async def close(self) -> None:
        opened = (self.leases, self.credentials, self.readiness, self.requests, self.nodes)
        for one in opened:
            await one.close()


def _around(
    api: ContractApi,
    settings: Settings,
    identifiers: Identifiers,
    admission: Admission,
    authentication: Authentication,
) -> Observed:
    """Around FastAPI, not added to it: its own layers would cost every request some microseconds."""
    connections = Connections(room_for_clients(_connections_of(settings)))
    table = RouteTable(api, admission=admission)
    authenticated = Authenticated(table, authentication, connections)
    hosts = Hosts(settings.host_names, answers_any=settings.answers_any_host)
    gate = Gate(admission, authentication, table, identifiers)
    return Observed(authenticated, identifiers, hosts, Origins(settings.origins), connections, gate)


def _give_services(
    api: ContractApi,
    settings: Settings,
    database: Database,
    identifiers: Identifiers,
    services: Services,
) -> None:
    api.state.services = services
    api.state.till.state.services = build_till_services(database, identifiers)
    api.state.tables_as_array = settings.tables_search_shape is TablesSearchShape.ARRAY


def build_plane(
    database: Database,
    identifiers: Identifiers,
    source: SourceOfTruth,
    services: Services,
    fill_demo: "Fill",
    links: Links,
) -> "ControlPlane":
    """The venues for tests. What falls due in one when its time is moved is what the job of a connected
    venue does; all else is decided when somebody asks.
    """
    from epos.control.plane import ControlPlane  # noqa: PLC0415 - see TYPE_CHECKING

    async def fell_due(venue_id: str) -> None:
        requester = Requester(venue_id, SystemActor.DOJO_LINK, identifiers.trace_id())
        if await source.can_be_asked(venue_id):
            checks = PaymentChecks(database, identifiers)
            await PaymentJob(source, checks, services.events, identifiers, venue_id).round()
        else:
            await services.events.settle_waiting_refunds(requester, only_old=True)

    return ControlPlane(database, identifiers, fill_demo, fell_due, links)


def _identifiers_of_worlds() -> Identifiers:
    from epos.services.seeded_identifiers import WorldIdentifiers  # noqa: PLC0415 - see TYPE_CHECKING

    return WorldIdentifiers()


def _connections_of(settings: Settings) -> int:
    """How many connections to the database a process may have: two pools, credentials, readiness, leases,
    wake-ups, and two for the nodes of a cluster.
    """
    return 2 * (settings.database_pool_size + _FOR_THE_SERVER_ITSELF) + _FOR_CREDENTIALS + 5


def build_api(lifespan: Lifespan | None = None, *, docs: bool = True) -> ContractApi:
    """Every route that is served: both APIs, health checks, documentation pages. No services yet."""
    api, till_api = rest.build_api(lifespan), till.build_api()
    api.state.till = till_api
    api.include_router(health.router)
    if docs:
        api.include_router(docs_router(api))
        api.include_router(docs_router(till_api, "/till"))
    api.mount(till.PREFIX, till_api)
    return api


def build_runner(  # noqa: PLR0913 - one argument for each part that it joins
    links: Links,
    leases: Leases,
    source: SourceOfTruth,
    database: Database,
    identifiers: Identifiers,
    services: Services,
    wakeups: Wakeups,
    admission: Admission,
    around: "_Around",
) -> Runner:
    """What keeps venues connected to Dojo; with no venue that is, it has nothing to do."""
    handlers = websocket_handlers(services)
    lanes = websocket_lanes()
    registrar = Registrar(Venues(database, identifiers), handlers)

    def connection(access: Access) -> Work:
        venue_id, checks = access.link.venue_id, PaymentChecks(database, identifiers)
        dispatcher = Dispatcher(
            handlers, identifiers, venue_id, SystemActor.DOJO_LINK, admission, lanes
        )
        job = PaymentJob(source, checks, services.events, identifiers, venue_id)
        answering = around.frames(venue_id, dispatcher)
        run = VenueConnection(database, access, registrar, answering, job, wakeups).run

        async def work(lease: Lease) -> None:
            around.enter(venue_id)
            await run(lease)

        return work

    async def keyless(venue_id: str) -> None:
        around.enter(venue_id)
        requester = Requester(venue_id, SystemActor.DOJO_LINK, identifiers.trace_id())
        await services.events.settle_waiting_refunds(requester, only_old=True)

    return Runner(links, Outbox(database), leases, wakeups, connection, keyless)


class _Around(Protocol):
    """What stands around the work for connected venues."""

    def frames(self, venue_id: str, dispatcher: Answering) -> Answering:
        """The dispatcher of a venue's frames, or what answers them instead."""
        ...

    def enter(self, venue_id: str) -> None:
        """Called when work for a venue begins, in the context of that work."""
        ...


class _AsTheyAre:
    """Nothing stands around them."""

    def frames(self, venue_id: str, dispatcher: Answering) -> Answering:
        return dispatcher

    def enter(self, venue_id: str) -> None: ...


def websocket_handlers(services: Services) -> dict[str, Handler]:
    """By capability: the endpoints of the REST routers, so that both doors run one function."""
    return {
        name: partial(route.call, services=services) for name, route in rest.operations().items()
    }


def websocket_lanes() -> dict[str, Lane]:
    """By capability: the lane in which both doors admit a call."""
    return {name: route.lane or Lane.USUAL for name, route in rest.operations().items()}


def app_from_environment() -> "Observed | ControlDoor":
    """The application of a worker process. `serving` has put all settings into EPOS_* variables."""
    _end_with_parent()
    # Blocked since the process was started (`workers`). By now uvicorn handles it.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    # A closed terminal also signals the process that started us, and that one ends us.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    settings = load()
    logs.configure(settings.log_format, settings.log_level)
    assert settings.database_url is not None, "set by the parent process"  # noqa: S101
    return build_app(settings, settings.database_url)


def _calm_collector() -> None:
    """A page of orders makes thousands of dicts that die with it; looking through everything that
    lives because of them took a third of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _end_with_parent() -> None:
    """A worker must not outlive the process that owns its port and its database (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    parent = multiprocessing.parent_process()
    if parent is not None and os.getppid() != parent.pid:  # it died before the kernel was told
        sys.exit("epos: the server that started this worker is gone")
