"""What the load generator sends in each row, to any server and venue."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import bodies, pgbench, wrk
from benchmarks.venues import Venue
from benchmarks.wrk import Load

SPLITS = 24
"""Payments in a row on one order, in the rows with a contended order."""
_CONTENDERS = _TERMINALS = pgbench.CLIENTS
_SEARCHERS = 16
_TILLS = wrk.CONNECTIONS
"""As many tills as there are terminals in the row that they are compared with."""


def get_order(url: str, venue: Venue) -> Load:
    return Load(url, "get.lua", [str(venue.size)], venue.headers)


def search(url: str, venue: Venue, after: str | None = None) -> Load:
    words = [bodies.search(after)]
    return Load(url, "search.lua", words, venue.headers, connections=_SEARCHERS)


def create_order(url: str, venue: Venue, body: Path) -> Load:
    return Load(url, "create.lua", [str(body)], venue.headers, writes=True)


def refused_order(url: str, venue: Venue, body: Path) -> Load:
    """Everything that a request costs without the database."""
    return Load(url, "refused.lua", [str(body)], venue.headers, refused=True)


def pay(url: str, venue: Venue, *, splits: int = 1) -> Load:
    """Payments, `splits` in a row on each order."""
    arguments = [str(venue.first_open), str(venue.open), str(splits)]
    return Load(url, "pay.lua", arguments, venue.headers, writes=True)


def pay_contended(url: str, venue: Venue) -> Load:
    return replace(pay(url, venue, splits=SPLITS), connections=_CONTENDERS)


def add_item(url: str, venue: Venue) -> Load:
    return _till(url, "item.lua", venue, str(venue.open), str(_TILLS))


def whole_tab(url: str, venue: Venue) -> Load:
    return _till(url, "tab.lua", venue)


def journey(url: str, venue: Venue) -> Load:
    expiry = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    arguments = [str(venue.first_open), str(venue.open), str(_TERMINALS), expiry]
    return Load(url, "journey.lua", arguments, venue.headers, _TERMINALS, _TERMINALS, writes=True)


def _till(url: str, script: str, venue: Venue, *arguments: str) -> Load:
    return Load(url, script, arguments, venue.till_headers, _TILLS, _TILLS, writes=True)
