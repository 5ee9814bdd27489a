"""A bill that a terminal or a phone fetched was shown: what comes off after it is in the day's report."""

from typing import Any

import pytest

from tests.support.counter import end, pay
from tests.support.days import at, report
from tests.support.meeting import until_waiting
from tests.support.orders import unique
from tests.support.pins import APPROVAL
from tests.support.rows import fetch
from tests.support.services import WiredServices
from tests.support.tabs import TillTab, open_tab
from tests.support.venues import Venue
from tests.support.waiting import until

Json = dict[str, Any]
DAY, ANNA = "2026-11-25", {"waiter_id": "anna"}
TERMINAL = {"device_id": "terminal-1"}


@pytest.fixture
async def tab(bistro: Venue) -> TillTab:
    """Four burgers at table 1, for 50.00, which nobody has sent or shown."""
    await at(bistro, f"{DAY} 19:00")
    return await burgers(bistro)


async def burgers(venue: Venue, table: str = "t1") -> TillTab:
    tab = await open_tab(venue, who=ANNA, tableId=table)
    await tab.add({"plu": "burger", "quantity": 4})
    return tab


async def shown(tab: TillTab) -> int | None:
    """What a guest saw last."""
    sql = "SELECT billed_total FROM tab WHERE venue_id = $1 AND order_id = $2"
    total: int | None = (await fetch(tab.venue, sql, tab.id))[0]["billed_total"]
    return total


async def until_shown(tab: TillTab, total: int) -> None:
    async def is_noted() -> bool:
        return await shown(tab) == total

    await until(is_noted)


async def until_all_is_noted(venue: Venue) -> None:
    """Notes are written one after the other: behind one of another tab, those before are done."""
    other = await burgers(venue, "t10")
    await venue.ok("GET", f"/v1/orders/{other.id}", **TERMINAL)
    await until_shown(other, 5_000)


async def taken_off(tab: TillTab) -> list[tuple[str, int]]:
    found = (await report(tab.venue, DAY))["incidents"]
    return [(one["tabId"], one["amount"]) for one in found if one["kind"] == "after-bill"]


async def correct_to_one(tab: TillTab) -> None:
    await tab.refresh()
    await tab.do(f"items/{tab.line('burger')['id']}", quantity=1, method="PUT")


class TestATerminal:
    async def test_locks_the_tab(self, tab: TillTab) -> None:
        """The answer of the lock is what the terminal shows. It gives the tab back, unpaid."""
        lock = {"lockId": unique("lock"), "expiry": f"{DAY}T19:05:00Z"}
        await tab.venue.ok("POST", f"/v1/orders/{tab.id}/lock", lock)
        assert await shown(tab) == 5_000, "in the transaction of the lock"
        await tab.venue.ok("DELETE", f"/v1/orders/{tab.id}/locks/{lock['lockId']}")
        await correct_to_one(tab)
        assert await taken_off(tab) == [(tab.id, 3_750)]

    async def test_fetches_it(self, tab: TillTab) -> None:
        await tab.venue.ok("GET", f"/v1/orders/{tab.id}", **TERMINAL)
        await until_shown(tab, 5_000)
        await correct_to_one(tab)
        assert await taken_off(tab) == [(tab.id, 3_750)]

    async def test_lists_what_a_table_owes(self, tab: TillTab) -> None:
        search = {"dineIn": {"tableId": "t1"}}
        await tab.venue.ok("POST", "/v1/orders/search", search, **TERMINAL)
        await until_shown(tab, 5_000)

    async def test_lists_the_whole_venue(self, tab: TillTab) -> None:
        await tab.venue.ok("POST", "/v1/orders/search", {}, **TERMINAL)
        await until_all_is_noted(tab.venue)
        assert await shown(tab) is None

    async def test_fetches_a_newer_bill(self, tab: TillTab) -> None:
        await tab.venue.ok("GET", f"/v1/orders/{tab.id}", **TERMINAL)
        await until_shown(tab, 5_000)
        await tab.add("wine")
        await tab.venue.ok("GET", f"/v1/orders/{tab.id}", **TERMINAL)
        await until_shown(tab, 5_795)


async def test_dojo_itself_shows_nothing_to_anybody(tab: TillTab) -> None:
    """It reads an order again after each change; a line removed before any bill stays free."""
    await tab.venue.ok("GET", f"/v1/orders/{tab.id}")
    await tab.venue.ok("POST", "/v1/orders/search", {"dineIn": {"tableId": "t1"}})
    await until_all_is_noted(tab.venue)
    assert await shown(tab) is None
    await correct_to_one(tab)
    assert await taken_off(tab) == []


async def test_a_version_is_written_once(tab: TillTab) -> None:
    await tab.venue.ok("GET", f"/v1/orders/{tab.id}", **TERMINAL)
    await until_shown(tab, 5_000)
    sql = "SELECT xmin::text FROM tab WHERE venue_id = $1 AND order_id = $2"
    before = await fetch(tab.venue, sql, tab.id)
    for _ in range(5):
        await tab.venue.ok("GET", f"/v1/orders/{tab.id}", **TERMINAL)
    await until_all_is_noted(tab.venue)
    assert await fetch(tab.venue, sql, tab.id) == before


async def test_a_till_changes_it_at_this_moment(tab: TillTab, services: WiredServices) -> None:
    """The note waits for the till, sees another version, and says nothing about it."""
    database = services.database
    async with database.connection() as till, database.connection() as watcher:
        await till.execute("BEGIN")
        await till.execute(
            "UPDATE customer_order SET version = version + 1 WHERE venue_id = $1 AND id = $2",
            tab.venue.id,
            tab.id,
        )
        await tab.venue.ok("GET", f"/v1/orders/{tab.id}", **TERMINAL)
        await until_waiting(watcher, 1)
        await till.execute("COMMIT")
    await until_all_is_noted(tab.venue)
    assert await shown(tab) is None


class TestAReceipt:
    """It has the lines and the total, so the guest saw them: also of what is paid in part."""

    @pytest.mark.parametrize(
        "query", ["", "?format=page", "?customerName=Ada&customerAddress=1+Row"]
    )
    async def test_of_a_tab_that_is_paid_in_part(self, tab: TillTab, query: str) -> None:
        await pay(tab, amount=1_000)
        assert await shown(tab) is None
        await print_receipt(tab, query)
        assert await shown(tab) == 5_000
        await correct_to_one(tab)
        assert await taken_off(tab) == [(tab.id, 3_750)]

    async def test_a_copy_shows_it_again(self, tab: TillTab) -> None:
        await pay(tab, amount=1_000)
        await print_receipt(tab)
        await correct_to_one(tab)
        await tab.do(f"items/{tab.line('burger')['id']}", quantity=4, method="PUT")
        assert (await print_receipt(tab)).split()[0] == "COPY"
        await correct_to_one(tab)
        assert await taken_off(tab) == [(tab.id, 3_750), (tab.id, 3_750)]

    @pytest.mark.parametrize("paper", ["receipt", "bill"])
    async def test_of_a_tab_that_is_opened_again(self, tab: TillTab, paper: str) -> None:
        paid = await pay(tab)
        await print_receipt(tab, paper=paper)
        assert await shown(tab) == 5_000
        await end(tab, paid)
        await tab.void(tab.line("burger"), quantity=3, approval=APPROVAL)
        assert await taken_off(tab) == [(tab.id, 3_750)]

    async def test_the_kitchens_ticket_shows_no_total(self, tab: TillTab) -> None:
        await tab.do("send")
        await print_receipt(tab, paper="kitchen-ticket")
        assert await shown(tab) is None


async def print_receipt(tab: TillTab, query: str = "", paper: str = "receipt") -> str:
    response = await tab.venue.till.call("GET", f"{tab.path}/{paper}{query}")
    assert response.status_code == 200, response.text
    return response.text
