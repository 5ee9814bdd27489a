"""A till's write that was applied without an answer: the same request with the same key changes no more."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from epos.store.database import Database
from tests.support.control import Controller, MadeVenue
from tests.support.menus import write_menu
from tests.support.rows import fetch
from tests.support.till_writes import WRITES
from tests.support.venues import Venue, furnish


@dataclass
class Bistro:
    """A test venue with the areas, tables, waiters and menu of other tests of the till."""

    made: MadeVenue
    venue: Venue

    async def entries(self) -> int:
        """How often something was changed."""
        sql = "SELECT count(*) AS many FROM audit_entry WHERE venue_id = $1"
        many: int = (await fetch(self.venue, sql))[0]["many"]
        return many


@pytest.fixture
async def bistro(controller: Controller, database: Database) -> AsyncIterator[Bistro]:
    async with controller.venue(kind="empty") as made:
        async with database.connection() as connection, connection.transaction():
            await furnish(connection, made.id)
        await write_menu(database, made.id)
        venue, till, admin = (
            Venue(made.id, client, database, controller.server)
            for client in (made.dojo, made.till, made.admin)
        )
        venue.till, venue.admin = till, admin
        yield Bistro(made, venue)


@pytest.mark.parametrize("name", sorted(WRITES))
async def test_applied_without_an_answer_and_sent_again(bistro: Bistro, name: str) -> None:
    """`tests/till/test_keys.py` holds the list to the routers."""
    sent = await WRITES[name](bistro.venue)
    body = sent.body | {"key": "till-1/1"}
    fault = {"when": "after-commit", "action": {"cut": True}, "capability": name, "times": 1}
    armed = await bistro.made.control("POST", "faults", fault)
    before = await bistro.entries()
    with pytest.raises(httpx.RemoteProtocolError):
        await sent.by.call(sent.method, sent.path, body)
    after = await bistro.entries()
    again = [await sent.by.call(sent.method, sent.path, body) for _ in range(2)]
    assert [one.status_code for one in again] == [200, 200], again[0].text
    lost = (await bistro.made.control("GET", f"journal?faultId={armed['faultId']}"))["entries"]
    answers = [one.json() if one.content else None for one in again]
    assert answers == [lost[0].get("answer")] * 2
    assert await bistro.entries() == after
    assert after > before or name in ("hold-tab", "release-tab", "sign-in")
