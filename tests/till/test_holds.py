"""A till's hold tells terminals to wait while someone edits; it ends by itself, and refuses no payment."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.clock import MINUTE, NOW, TICK, freeze, wire
from tests.support.links import Outbox, connect
from tests.support.orders import payment
from tests.support.pins import APPROVAL
from tests.support.recording import open_order, record
from tests.support.rows import fetch
from tests.support.tabs import TillTab, at_till, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
FRONT = {"device_id": "till 1", "waiter_id": "anna"}
BAR = {"device_id": "till 2", "waiter_id": "ben"}


@pytest.fixture
async def tab(bistro: Venue) -> TillTab:
    """A burger on table 1, shown at the till in front, in a venue where it is NOW."""
    await freeze(bistro, NOW)
    return await open_tab(bistro, "burger", who=FRONT)


async def is_payable(tab: TillTab) -> bool:
    """At every place that says so: they never differ."""
    body = {"payableOnly": True}
    found = [
        order["id"] for order in (await tab.venue.ok("POST", "/v1/orders/search", body))["data"]
    ]
    all_orders = (await tab.venue.ok("POST", "/v1/orders/search", {}))["data"]
    listed = (await tab.venue.till.ok("GET", "/till/v1/tabs"))["data"]
    said: set[bool] = {
        (await tab.as_guest_sees_it())["payable"],
        (await tab.read())["payable"],
        tab.id in found,
        *(order["payable"] for order in all_orders if order["id"] == tab.id),
        *(row["payable"] for row in listed if row["id"] == tab.id),
    }
    assert len(said) == 1
    return said.pop()


async def lock(tab: TillTab, status: int, lock_id: str = "terminal") -> str:
    """What is said to a terminal that wants a lock for a minute."""
    (row,) = await fetch(tab.venue, "SELECT clock_frozen_at FROM venue WHERE id = $1")
    body = {"lockId": lock_id, "expiry": wire(row["clock_frozen_at"] + MINUTE)}
    answer = await tab.venue.call("POST", f"/v1/orders/{tab.id}/lock", body)
    assert answer.status_code == status, answer.text
    return answer.text


async def test_while_it_is_held_nobody_shall_pay_and_dojo_gets_no_lock(tab: TillTab) -> None:
    assert await is_payable(tab)
    held = await tab.hold(20)
    until = wire(NOW + timedelta(seconds=20))
    assert held == tab.shown | {"payable": False, "heldUntil": until, "lock": held["lock"]}
    assert held["lock"] == {"lockId": held["lock"]["lockId"], "holder": "till", "until": until}
    assert not await is_payable(tab)
    for word in ("the till", "anna", "till 1", until):
        assert word in await lock(tab, 409)


async def test_it_ends_by_itself(tab: TillTab) -> None:
    await tab.hold(20)
    await freeze(tab.venue, NOW + timedelta(seconds=20) - TICK)
    assert not await is_payable(tab)
    await freeze(tab.venue, NOW + timedelta(seconds=20))
    assert await is_payable(tab)
    assert await tab.read() == tab.shown
    await lock(tab, 200)


async def test_its_holder_renews_and_releases_it(tab: TillTab) -> None:
    first = await tab.hold(20)
    await freeze(tab.venue, NOW + timedelta(seconds=15))
    again = await tab.hold(30)
    assert again["heldUntil"] == wire(NOW + timedelta(seconds=45))
    assert again["lock"]["lockId"] == first["lock"]["lockId"]
    for _ in range(2):
        assert await tab.release() == tab.shown
    assert await is_payable(tab)
    await lock(tab, 200)


@pytest.mark.parametrize(
    "other", [BAR, {"device_id": "till 1"}, {"waiter_id": "anna"}, {}], ids=str
)
async def test_another_till_is_told_who_holds_it_and_until_when(
    tab: TillTab, other: dict[str, str]
) -> None:
    held = await tab.hold(20)
    path, body = f"{tab.path}/hold", {"seconds": 60}
    error = await tab.venue.till.refused(409, "PUT", path, body, **other)
    for word in ("anna", "till 1", wire(NOW + timedelta(seconds=20))):
        assert word in error["debugMessage"]
    assert await tab.venue.till.ok("DELETE", path, **other) == held, "nobody ends what is another's"
    await freeze(tab.venue, NOW + MINUTE)
    await TillTab(tab.venue, tab.shown, other).hold(60)


async def test_while_a_terminal_takes_money_nobody_edits(tab: TillTab) -> None:
    await lock(tab, 200)
    error = await tab.venue.till.refused(409, "PUT", f"{tab.path}/hold", {"seconds": 5}, **FRONT)
    assert wire(NOW + MINUTE) in error["debugMessage"]
    assert (await tab.release())["lock"]["lockId"] == "terminal", "it is no hold of the till's"


async def test_nor_does_dojo_cancel_what_is_edited(tab: TillTab) -> None:
    await tab.hold()
    error = await tab.venue.refused(409, "DELETE", f"/v1/orders/{tab.id}")
    assert "till 1" in error["debugMessage"]
    await tab.release()
    assert (await tab.venue.ok("DELETE", f"/v1/orders/{tab.id}"))["status"] == "Canceled"


async def test_it_never_refuses_a_payment(tab: TillTab) -> None:
    await tab.hold()
    await record(tab.venue, tab.id, payment(tab.shown["total"]) | {"lockId": "long gone"})
    paid = await tab.read()
    assert (paid["status"], paid["balance"]) == ("Finalized", 0)


async def test_it_is_no_change_of_the_tab(tab: TillTab) -> None:
    """Whoever edits need not read again, and other tills are not kept away: versions do that."""
    held = await tab.hold()
    assert (held["version"], held["updatedAt"]) == (tab.shown["version"], tab.shown["updatedAt"])
    bar = TillTab(tab.venue, tab.shown, BAR)
    await bar.do("items", items=[{"plu": "wine"}])
    assert "version" in await tab.refused(409, "items", items=[{"plu": "wine"}])


async def test_no_terminal_renews_or_ends_it(tab: TillTab) -> None:
    held = await tab.hold()
    lock_id = held["lock"]["lockId"]
    await lock(tab, 409, lock_id)
    one = f"/v1/orders/{tab.id}/locks/{lock_id}"
    await tab.venue.refused(404, "PUT", one, {"expiry": wire(NOW + MINUTE)})
    await tab.venue.ok("DELETE", one)
    assert await tab.read() == held


async def test_an_order_of_dojos_can_be_held_too(venue: Venue) -> None:
    tab = await at_till(venue, await open_order(venue), **FRONT)
    assert (await tab.hold())["payable"] is False
    assert (await tab.as_guest_sees_it())["payable"] is False


async def test_a_closed_tab_is_not_held(tab: TillTab) -> None:
    await tab.do("cancel", reason="Wrong table")
    error = await tab.venue.till.refused(409, "PUT", f"{tab.path}/hold", {"seconds": 5})
    assert "Canceled" in error["debugMessage"]


@pytest.mark.parametrize("seconds", [0, 61])
async def test_for_a_minute_at_most(tab: TillTab, seconds: object) -> None:
    error = await tab.venue.till.refused(400, "PUT", f"{tab.path}/hold", {"seconds": seconds})
    assert "seconds" in error["debugMessage"]


async def test_dojo_hears_when_it_begins_and_when_it_is_released(tab: TillTab) -> None:
    await connect(tab.venue)
    await tab.hold()
    assert await Outbox(tab.venue).waiting() == [("order", tab.id)]
    await tab.release()
    assert await Outbox(tab.venue).waiting() == [("order", tab.id)] * 2


class TestBreaking:
    async def test_a_manager_ends_dojos_lock(self, tab: TillTab) -> None:
        await lock(tab, 200)
        assert "locked" in await tab.refused(409, "items", items=[{"plu": "wine"}])
        body = {"lockId": "terminal", "approval": APPROVAL}
        free = await tab.venue.till.ok("POST", f"{tab.path}/break-lock", body, **FRONT)
        assert free == tab.shown
        await tab.do("items", items=[{"plu": "wine"}])
        (kept,) = await fetch(tab.venue, "SELECT * FROM order_lock WHERE venue_id = $1")
        assert (kept["release_reason"], kept["released_at"]) == ("broken", NOW)
        trail = "SELECT * FROM audit_entry WHERE venue_id = $1 AND action = 'lock.broken'"
        (entry,) = await fetch(tab.venue, trail)
        assert entry["waiter_id"] == "anna"
        assert '"approved_by": "max"' in entry["details"]

    async def test_the_terminal_that_had_it_may_still_have_charged_a_card(
        self, tab: TillTab
    ) -> None:
        """What still fits is recorded, what does not is refused: Dojo gives it back."""
        await lock(tab, 200)
        body = {"lockId": "terminal", "approval": APPROVAL}
        await tab.venue.till.ok("POST", f"{tab.path}/break-lock", body)
        one = f"/v1/orders/{tab.id}/locks/terminal"
        await tab.venue.refused(404, "PUT", one, {"expiry": wire(NOW + MINUTE)})
        await lock(tab, 409)
        charged = {"lockId": "terminal"}
        await record(tab.venue, tab.id, payment(250) | charged)
        path = f"/v1/orders/{tab.id}/record-payment"
        await tab.venue.refused(409, "POST", path, payment(1_001) | charged)
        assert (await tab.read())["paid"] == 250

    async def test_and_another_tills_hold(self, tab: TillTab) -> None:
        held = await tab.hold()
        body = {"lockId": held["lock"]["lockId"], "approval": APPROVAL}
        free = await tab.venue.till.ok("POST", f"{tab.path}/break-lock", body, **BAR)
        assert free == tab.shown
        assert await is_payable(tab)

    async def test_the_lock_that_he_saw_and_no_other(self, tab: TillTab) -> None:
        for lock_id in ("terminal", "unknown"):
            body = {"lockId": lock_id, "approval": APPROVAL}
            await tab.venue.till.refused(409, "POST", f"{tab.path}/break-lock", body)
            await lock(tab, 200, "another")

    async def test_nobody_else_does(self, tab: TillTab) -> None:
        await lock(tab, 200)
        approval = APPROVAL | {"pin": "000000"}
        body = {"lockId": "terminal", "approval": approval}
        await tab.venue.till.refused(403, "POST", f"{tab.path}/break-lock", body)
        await lock(tab, 409, "another")
