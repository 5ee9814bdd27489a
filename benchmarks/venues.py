"""Venues with many orders, seeded with SQL because requests would be too slow."""

import base64
import json
import secrets
import urllib.request
from dataclasses import dataclass

from benchmarks import bodies
from benchmarks.postgres import Postgres
from epos.domain.credentials import secret_hash

_BLOCK = 50_000
_SECRET = secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Venue:
    """A venue with `size` orders; the newest `open` of them are not fully paid."""

    id: str
    size: int
    open: int
    policy: str = "open"
    waiter: str = "w1"
    tables: int = bodies.TABLES

    @property
    def first_open(self) -> int:
        return self.size - self.open + 1

    @property
    def headers(self) -> dict[str, str]:
        """The headers that Dojo sends with each request."""
        return {
            "authorization": self._authorization("bench"),
            "waiter-id": self.waiter,
            "dojo-requesting-product": "Pay at Table",
            "device-id": "terminal-1",
            "device-type": "PAX A920",
        }

    @property
    def till_headers(self) -> dict[str, str]:
        """The headers that a till sends with each request."""
        authorization = self._authorization("till")
        return {"authorization": authorization, "waiter-id": self.waiter, "device-id": "till-1"}

    def _authorization(self, credential: str) -> str:
        pair = f"{self.id}.{credential}:{_SECRET}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"


def order_id(number: int) -> str:
    return f"ord_{number:032x}"


def prepare(postgres: Postgres) -> None:
    """Create the sequence with which pgbench's clients choose the same order."""
    postgres.ask("CREATE SEQUENCE bench_turn")


def seed(postgres: Postgres, venue: Venue) -> None:
    who: dict[str, str | int] = {"venue": venue.id}
    prices = {"price": bodies.PRICE, "modifier": bodies.MODIFIER}
    secret = {"policy": venue.policy, "secret_sha256": secret_hash(_SECRET)}
    postgres.script("venue.sql", {**who, **secret, **prices, "tables": venue.tables})
    sizes = {"size": venue.size, "open": venue.open}
    amounts = {"total": bodies.TOTAL, "paid": bodies.PAID, "tips": bodies.TIP}
    for first in range(1, venue.size + 1, _BLOCK):
        block = {"first": first, "last": min(first + _BLOCK - 1, venue.size)}
        values = {**who, **sizes, **amounts, **block, "content": bodies.content()}
        postgres.script("orders.sql", values)
    wrong = postgres.script("check.sql", {"venue": venue.id})
    if wrong != "0":
        raise RuntimeError(f"{wrong} seeded orders of {venue.id} break the rules")
    _seed_tabs(postgres, venue)


def restore(postgres: Postgres, venue: Venue) -> None:
    values: dict[str, str | int] = {"venue": venue.id, "size": venue.size, "open": venue.open}
    postgres.script("restore.sql", {**values, "paid": bodies.PAID, "tips": bodies.TIP})
    _seed_tabs(postgres, venue)


def _seed_tabs(postgres: Postgres, venue: Venue) -> None:
    shown = bodies.tab_columns()
    values: dict[str, str | int] = {"venue": venue.id, "size": venue.size, "open": venue.open}
    postgres.script("tabs.sql", {**values, **shown, "price": bodies.PRICE})


def cursor_at(base_url: str, venue: Venue, depth: int) -> str:
    """Search page by page, as a client does, to the cursor after the first `depth` orders."""
    after = None
    for _ in range(depth // 100):
        request = urllib.request.Request(
            f"{base_url}/v1/orders/search",
            data=bodies.search(after).encode(),
            headers={**venue.headers, "content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            after = json.load(response)["after"]
    assert after is not None, "the venue has more orders than that"
    return str(after)
