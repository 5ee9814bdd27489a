"""Venues for tests, made through the store: setting up a venue is not the contract's business."""

import itertools
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx
from sqlalchemy import Table, insert

from epos.domain.credentials import secret_hash
from epos.domain.natural_order import natural_key
from epos.store.database import Database
from epos.store.statements import Connection, Statement
from epos.store.tables import (
    area,
    area_waiter,
    credential,
    dining_table,
    table_waiter,
    venue,
    waiter,
)
from tests.support.application import Application
from tests.support.guests import remember_guests
from tests.support.pins import HASHES
from tests.support.schemas import validating_hook
from tests.support.secrets import remember_secret
from tests.support.server import RunningServer

Columns = dict[str, Any]
Target = RunningServer | Application
SECRET = remember_secret("a-secret-for-tests")
_numbers = itertools.count(1)


@dataclass
class Venue:
    """A venue and a client that speaks for it.

    `area_main` has tables 1, 2, 3 and 10, `area_terrace` has terrace 1 and 2. Waiter `anna` looks
    after the main area, `ben` after table `t3`, `cleo` after nothing; `max` is the manager. `anna` and
    `max` have PINs (tests/support/pins.py).
    """

    id: str
    client: httpx.AsyncClient
    database: Database
    target: Target
    tables: tuple[str, ...] = ("t1", "t2", "t3", "t10", "p1", "p2")
    headers: dict[str, str] = field(default_factory=dict)
    till: "Venue" = field(init=False, repr=False)
    """The same venue, spoken for by a till."""
    admin: "Venue" = field(init=False, repr=False)
    """The same venue, spoken for by who sets it up."""

    async def call(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        """One request; `waiter_id="anna"` becomes the header `waiter-id`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(method, path, json=body, headers=sent)

    async def ok(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer of a request that must succeed."""
        response = await self.call(method, path, body, **headers)
        assert response.status_code == 200, response.text
        return response.json() if response.content else None

    async def refused(
        self, status: int, method: str, path: str, body: Any = None, **headers: str
    ) -> Any:
        """The EPOSError of a request that must be refused with `status`."""
        response = await self.call(method, path, body, **headers)
        assert response.status_code == status, response.text
        error = response.json()
        assert error["traceId"] == response.headers["x-trace-id"]
        return error


@asynccontextmanager
async def make_venue(
    database: Database, target: Target, *, access_policy: str = "open", currency: str = "GBP"
) -> AsyncIterator[Venue]:
    venue_id = f"v{os.getpid()}-{next(_numbers)}"
    await _fill(database, venue_id, access_policy, currency)
    async with AsyncExitStack() as clients:
        dojo, till, admin = [
            await clients.enter_async_context(_client(target, f"{venue_id}.{role}"))
            for role in ("dojo", "till", "admin")
        ]
        venue = Venue(venue_id, dojo, database, target)
        venue.till, venue.admin = (
            Venue(venue_id, client, database, target) for client in (till, admin)
        )
        yield venue


def _client(target: Target, username: str) -> httpx.AsyncClient:
    client = client_at(target, auth=(username, SECRET))
    client.event_hooks = {"request": [remember_guests], "response": [validating_hook()]}
    return client


def client_at(target: Target, auth: Any = None) -> httpx.AsyncClient:
    """A client that does not hold the answers against the contract."""
    return httpx.AsyncClient(
        base_url=target.base_url, auth=auth, timeout=30, transport=target.transport()
    )


async def _fill(database: Database, venue_id: str, access_policy: str, currency: str) -> None:
    settings = {
        "id": venue_id,
        "name": "The Test Kitchen",
        "currency": currency,
        "time_zone": "Europe/London",
        "access_policy": access_policy,
    }
    async with database.connection() as connection, connection.transaction():
        await _insert(venue, tuple(settings)).run(connection, **settings)
        logins = [_credential(role) for role in ("dojo", "till", "admin")]
        await insert_rows(connection, credential, venue_id, logins)
        await furnish(connection, venue_id)


async def furnish(connection: Connection, venue_id: str) -> None:
    """Give a venue that is there the areas, tables and waiters that `Venue` describes."""
    main, terrace = {"area_id": "area_main"}, {"area_id": "area_terrace"}
    rows: list[tuple[Table, list[Columns]]] = [
        (
            area,
            [
                {"id": "area_main", "name": "Main", "position": 1},
                {"id": "area_terrace", "name": "Terrace", "position": 2},
            ],
        ),
        (waiter, [_waiter(name) for name in ("anna", "ben", "cleo", "max")]),
        (
            dining_table,
            [
                *(main | _table(f"t{number}", f"Table {number}") for number in (1, 2, 3, 10)),
                *(terrace | _table(f"p{number}", f"Terrace {number}") for number in (1, 2)),
            ],
        ),
        (area_waiter, [main | {"waiter_id": "anna"}]),
        (table_waiter, [{"table_id": "t3", "waiter_id": "ben"}]),
    ]
    for table, columns in rows:
        await insert_rows(connection, table, venue_id, columns)


async def insert_rows(
    connection: Connection, table: Table, venue_id: str, rows: list[Columns]
) -> None:
    """Insert rows of a venue in one round trip; they all have the same columns."""
    statement = _insert(table, ("venue_id", *rows[0]))
    await statement.each(connection, [{"venue_id": venue_id, **row} for row in rows])


@cache
def _insert(table: Table, names: tuple[str, ...]) -> Statement:
    return Statement(insert(table), columns=names)


def _credential(role: str) -> Columns:
    return {"name": role, "role": role, "secret_sha256": secret_hash(SECRET)}


def _waiter(name: str) -> Columns:
    named = {"id": name, "name": name.title(), "is_manager": name == "max"}
    return named | {"pin_hash": HASHES.get(name)}


def _table(table_id: str, name: str) -> Columns:
    return {"id": table_id, "name": name, "name_key": natural_key(name), "max_covers": 4}
