"""The one place where things are wired."""

import ctypes
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from epos import logs
from epos.contract import openapi
from epos.domain.identifiers import Identifiers
from epos.rest.app import create_app, served
from epos.services.api import Services, calls
from epos.services.areas import Areas
from epos.services.authentication import Authentication
from epos.services.bills import Bills
from epos.services.events import Events
from epos.services.order_creation import OrderCreation
from epos.services.order_locks import OrderLocks
from epos.services.orders import Orders
from epos.services.parties import Parties
from epos.services.payments import Payments
from epos.services.reservations import Reservations
from epos.services.tables import Tables
from epos.settings import LogFormat, Settings, TablesSearchShape, load
from epos.store.database import Database
from epos.store.readiness import is_ready

_PR_SET_PDEATHSIG = 1


def build_services(database: Database, identifiers: Identifiers) -> Services:
    return Services(
        areas=Areas(database),
        tables=Tables(database),
        orders=Orders(database, OrderCreation(database, identifiers)),
        parties=Parties(database, identifiers),
        reservations=Reservations(database, identifiers),
        events=Events(database, identifiers),
        payments=Payments(database, identifiers),
        locks=OrderLocks(database),
        bills=Bills(database),
    )


def build_app(settings: Settings, database_url: str) -> ASGIApp:
    """The whole application on one database; it closes its connections when it stops."""
    identifiers = Identifiers()
    database = Database(database_url, settings.database_pool_size)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await database.close()

    return create_app(
        build_services(database, identifiers),
        Authentication(database, demo=settings.demo_is_on),
        identifiers,
        lambda: is_ready(database),
        lifespan=lifespan,
        tables_as_array=settings.tables_search_shape is TablesSearchShape.ARRAY,
    )


def configure_logs(settings: Settings) -> None:
    formats = {LogFormat.JSON: True, LogFormat.CONSOLE: False}
    logs.configure(as_json=formats.get(settings.log_format), level=settings.log_level)


def app_from_environment() -> ASGIApp:
    """What each worker process runs; the command line has put everything into EPOS_* variables."""
    _end_with_parent()
    settings = load()
    configure_logs(settings)
    assert settings.database_url is not None, "set by the parent process"  # noqa: S101
    return build_app(settings, settings.database_url)


def _end_with_parent() -> None:
    """A worker must not outlive the process that owns its port and its database (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def openapi_document() -> dict[str, Any]:
    """The document of what is served; it needs no database."""
    unused: Any = None
    handlers = calls(Services(**dict.fromkeys(Services.__dataclass_fields__, unused)))
    return openapi.openapi_document(served(handlers))
