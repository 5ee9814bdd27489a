"""Several at one tab at the same instant: tills, a terminal's payment, a lock of Dojo's."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.support.clock import LONG_AHEAD
from tests.support.floor import seat
from tests.support.orders import gbp
from tests.support.pins import APPROVAL
from tests.support.rows import execute, fetch
from tests.support.tabs import TABS, TillTab, open_tab
from tests.support.venues import Venue

TILLS = 6


@pytest.fixture
async def tab(bistro: Venue) -> TillTab:
    tab = await open_tab(bistro, tableId="t1")
    await tab.add({"plu": "burger", "quantity": 2}, "chips")
    return tab


def add(tab: TillTab, version: int, plu: str, cover: int) -> Any:
    return tab.call("items", version=version, items=[{"plu": plu, "cover": cover}])


async def test_of_two_tills_with_the_same_tab_before_them_one_is_told(tab: TillTab) -> None:
    for _ in range(5):
        before, version = len(tab.lines), tab.shown["version"]
        answers: list[httpx.Response] = await asyncio.gather(
            *(add(tab, version, "milk", number) for number in range(1, TILLS + 1))
        )
        refused = [answer.json() for answer in answers if answer.status_code == 409]
        assert len(refused) == TILLS - 1
        for error in refused:
            assert error["errorType"] == "Conflict"
            assert f"at version {version + 1}" in error["debugMessage"]
            assert f"made to version {version};" in error["debugMessage"]
        await tab.refresh()
        assert (len(tab.lines), tab.shown["version"]) == (before + 1, version + 1)


async def test_tills_that_read_again_lose_nothing(tab: TillTab) -> None:
    async def insist(cover: int) -> None:
        while True:
            version = (await tab.read())["version"]
            if (await add(tab, version, "cake", cover)).status_code == 200:
                return

    await asyncio.gather(*(insist(cover) for cover in range(1, TILLS + 1)))
    await tab.refresh()
    cakes = [line for line in tab.lines if line["plu"] == "cake"]
    assert sorted(line["cover"] for line in cakes) == list(range(1, TILLS + 1))
    assert tab.shown["total"] == 2950 + TILLS * 333


async def test_a_retry_after_a_lost_answer_adds_nothing_twice(tab: TillTab) -> None:
    version = tab.shown["version"]
    lost = await add(tab, version, "wine", 1)
    assert lost.status_code == 200
    again = await add(tab, version, "wine", 1)
    assert again.status_code == 409
    assert tab.shown != await tab.refresh() == lost.json()


async def test_a_stale_till_is_told_and_nothing_is_overwritten(tab: TillTab) -> None:
    stale = tab.shown["version"]
    await tab.do("", method="PUT", note="Window seat")
    burger = tab.line("burger")["id"]
    for method, path, body in _writes(burger):
        said = await tab.refused(409, path, {**body, "version": stale}, method=method)
        assert f"at version {stale + 1}" in said, path
    assert await tab.read() == tab.shown


def _writes(line_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Every way to change a tab here."""
    reason, percent = {"reason": "A slip"}, {"name": "Regular", "percentage": 1000}
    return [
        ("POST", "items", {"items": [{"plu": "milk"}]}),
        ("PUT", f"items/{line_id}", {"quantity": 1}),
        ("POST", "void", {"lineId": line_id, **reason, "approval": APPROVAL}),
        ("POST", "discount", {**percent, "approval": APPROVAL}),
        ("POST", "discount/remove", {}),
        ("POST", "service-charge", {"rate": 1000}),
        ("POST", "send", {}),
        ("PUT", "", {"covers": 4}),
    ]


async def test_while_dojo_holds_the_lock_no_till_changes_the_tab(
    bistro: Venue, tab: TillTab
) -> None:
    lock = {"lockId": "lock-1", "expiry": LONG_AHEAD}
    await bistro.ok("POST", f"/v1/orders/{tab.id}/lock", lock, waiter_id="anna")
    locked = await tab.read()
    assert locked["lock"] == {"lockId": "lock-1", "until": lock["expiry"], "holder": "dojo"}
    for method, path, body in _writes(tab.line("burger")["id"]):
        assert "The order is locked by" in await tab.refused(409, path, method=method, **body)
    await bistro.ok("DELETE", f"/v1/orders/{tab.id}/locks/lock-1")
    await tab.refresh()
    await tab.add("milk")


async def test_a_lock_that_has_expired_fences_nothing(bistro: Venue, tab: TillTab) -> None:
    lock = {"lockId": "lock-1", "expiry": LONG_AHEAD}
    await bistro.ok("POST", f"/v1/orders/{tab.id}/lock", lock)
    await execute(
        bistro, "UPDATE order_lock SET expires_at = statement_timestamp() WHERE venue_id = $1"
    )
    await tab.refresh()
    await tab.add("milk")
    assert "lock" not in tab.shown


async def test_a_void_and_a_payment_never_leave_more_paid_than_owed(bistro: Venue) -> None:
    """A terminal pays the whole tab while a line of it is made void: one of the two is refused."""
    outcomes = set()
    for number in range(12):
        tab = await open_tab(bistro, tableId="t2")
        burger, _ = await tab.add("burger", "chips")
        payment = {"paymentIntentId": f"pi-{tab.id}", "paidAmount": gbp(1700)}
        calls = [
            bistro.call("POST", f"/v1/orders/{tab.id}/record-payment", payment),
            tab.call("void", lineId=burger["id"], reason="A slip"),
        ]
        answers = await asyncio.gather(*(calls if number % 2 else reversed(calls)))
        outcomes.add(tuple(sorted(answer.status_code for answer in answers)))
        await tab.refresh()
        assert (tab.shown["total"], tab.shown["paid"]) in [(1700, 1700), (450, 0)]
    assert outcomes == {(200, 409)}


async def test_a_tab_opened_while_guests_sit_down_is_theirs(bistro: Venue) -> None:
    for table in ("t1", "t2", "t3", "t10"):
        party, opened = await asyncio.gather(
            seat(bistro, table), bistro.till.ok("POST", TABS, {"tableId": table})
        )
        tab = await bistro.till.ok("GET", f"{TABS}/{opened['id']}")
        assert tab["partyId"] == party["id"]


async def test_the_books_agree_after_a_storm_at_one_tab(bistro: Venue, tab: TillTab) -> None:
    """Ten hands do what they like; the journal says what the tab comes to."""

    async def hand(number: int) -> None:
        for _ in range(6):
            seen = await tab.read()
            live = [line["id"] for line in seen["lines"] if "void" not in line]
            line_id = live[number % len(live)] if live else seen["lines"][0]["id"]
            method, path, body = _writes(line_id)[number % 8]
            answer = await tab.call(path, {**body, "version": seen["version"]}, method=method)
            assert answer.status_code in (200, 409), answer.text

    await asyncio.gather(*(hand(number) for number in range(10)))
    await tab.refresh()
    [entered] = await fetch(
        bistro,
        """SELECT sum(amount)::int AS total FROM sale_entry
           WHERE venue_id = $1 AND order_id = $2 AND kind NOT IN ('vat', 'void')""",
        tab.id,
    )
    assert entered["total"] == tab.shown["total"]
