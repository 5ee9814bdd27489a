"""A terminal at the real EPOS, over REST."""

import pytest

from tests.support.dojo import ALL, DojoAccount
from tests.support.orders import gbp
from tests.support.recording import open_at_table
from tests.support.server import RunningServer
from tests.support.venues import SECRET, Venue

LOCKS = {"CreateOrderLock", "DeleteOrderLock", "ExtendOrderLock"}


async def paid(venue: Venue, order_id: str) -> tuple[int, int, bool]:
    """What is paid, the tips, and whether more can be."""
    found = await venue.ok("GET", f"/v1/orders/{order_id}")
    return found["paidAmount"]["value"], found["tipsAmount"]["value"], found["payable"]


def steps(run: dict[str, list[dict[str, str]]]) -> list[str]:
    return [step["name"] for step in run["steps"]]


async def called(dojo: DojoAccount) -> set[str]:
    journal = await dojo.sim("GET", "journal")
    return {entry["method"] for entry in journal if entry["direction"] == "to-epos"}


async def test_pays_in_full(dojo: DojoAccount, venue: Venue) -> None:
    order_id = await open_at_table(venue)

    run = await dojo.sim(
        "POST", "terminal/pay", {"tableId": "t1", "waiterId": "anna", "bill": True}
    )

    assert run["ok"], run
    assert steps(run)[:5] == ["listed", "found", "locked", "bill", "paid"]
    assert steps(run)[-3:] == ["unlocked", "read again", "what is left to pay"]
    assert await paid(venue, order_id) == (10_000, 0, False)
    assert (await dojo.sim("GET", "books"))["orders"] == {order_id: {"paid": 10_000, "tips": 0}}
    await dojo.settle()
    assert await dojo.violations() == []


async def test_splits_equally_with_a_tip_each(dojo: DojoAccount, venue: Venue) -> None:
    order_id = await open_at_table(venue)

    wish = {"orderId": order_id, "equal": 3, "tipPercent": 10}
    run = await dojo.sim("POST", "terminal/pay", wish)

    assert run["ok"], run
    assert len(run["paymentIntentIds"]) == 3
    assert await paid(venue, order_id) == (10_000, 333 * 3, False)
    assert set((await dojo.statuses()).values()) == {"Captured"}
    assert await dojo.violations() == []


async def test_pays_custom_amounts_and_leaves_the_rest(dojo: DojoAccount, venue: Venue) -> None:
    order_id = await open_at_table(venue)

    wish = {"orderId": order_id, "amounts": [2_500, 1_000], "tips": [0, 150]}
    run = await dojo.sim("POST", "terminal/pay", wish)

    assert run["ok"], run
    assert await paid(venue, order_id) == (3_500, 150, True)


async def test_tells_the_service_charge_apart(dojo: DojoAccount, venue: Venue) -> None:
    order_id = await open_at_table(venue, 11_250, serviceChargeAmount=gbp(1_250))

    assert (await dojo.sim("POST", "terminal/pay", {"orderId": order_id}))["ok"]

    (intent,) = await dojo.sim("GET", "intents")
    assert intent["amount"]["value"] == 10_000
    assert intent["serviceChargeAmount"]["value"] == 1_250
    assert intent["totalAmount"]["value"] == 11_250
    assert intent["orderDetails"] == {"externalId": order_id}


async def test_reverses_what_the_epos_refuses_to_record(dojo: DojoAccount, venue: Venue) -> None:
    order_id = await open_at_table(venue)

    run = await dojo.sim("POST", "terminal/pay", {"orderId": order_id, "amounts": [4_000, 9_000]})

    assert run["outcome"] == "refused"
    assert any(step["says"].startswith("Conflict") for step in run["steps"])
    assert sorted((await dojo.statuses()).values()) == ["Captured", "Reversed"]
    await dojo.settle()
    assert await paid(venue, order_id) == (4_000, 0, True)
    books = await dojo.sim("GET", "books")
    assert (books["captured"], books["reversed"], books["net"]) == (13_000, 9_000, 4_000)
    assert await dojo.violations() == []


async def test_a_reversed_payment_is_owed_again(dojo: DojoAccount, venue: Venue) -> None:
    order_id = await open_at_table(venue)

    run = await dojo.sim("POST", "terminal/reversal", {"orderId": order_id})

    assert run["ok"], run
    assert await paid(venue, order_id) == (0, 0, True)


async def test_a_declined_card_pays_nothing(dojo: DojoAccount, venue: Venue) -> None:
    order_id = await open_at_table(venue)

    run = await dojo.sim("POST", "terminal/pay", {"orderId": order_id, "declined": True})

    assert (run["ok"], run["outcome"]) == (True, "declined")
    assert list((await dojo.statuses()).values()) == ["Canceled"]
    assert await paid(venue, order_id) == (0, 0, True)


async def test_a_session_holds_the_lock_until_it_is_closed(dojo: DojoAccount, venue: Venue) -> None:
    order_id = await open_at_table(venue)
    opened = await dojo.sim("POST", "terminal/sessions", {"orderId": order_id})
    session = f"terminal/sessions/{opened['sessionId']}"

    second = await dojo.sim("POST", "terminal/pay", {"orderId": order_id})
    assert second["outcome"] == "refused"
    assert await dojo.statuses() == {}, "no card is charged before the lock"

    assert (await dojo.sim("POST", f"{session}/extend"))["ok"]
    assert (await dojo.sim("POST", f"{session}/bill"))["bill"]["order"]["id"] == order_id
    assert (await dojo.sim("POST", f"{session}/pay", {"amount": 4_000}))["ok"]
    assert (await dojo.sim("POST", f"{session}/pay", {"tip": 100}))["ok"]
    assert (await dojo.sim("DELETE", session))["ok"]
    assert await paid(venue, order_id) == (10_000, 100, False)


@pytest.mark.parametrize(
    ("missing", "seconds"),
    [({"ExtendOrderLock"}, "900"), (set(), "60"), (LOCKS, None), ({"DeleteOrderLock"}, None)],
    ids=["without extend: long", "with extend: short", "no locks", "half the locks: none"],
)
async def test_locks_only_as_registered(
    account: DojoAccount,
    venue: Venue,
    server: RunningServer,
    missing: set[str],
    seconds: str | None,
) -> None:
    capabilities = [name for name in ALL if name not in missing]
    await account.register(
        *capabilities, url=server.base_url, username=f"{venue.id}.dojo", password=SECRET
    )
    order_id = await open_at_table(venue)

    run = await account.sim("POST", "terminal/pay", {"orderId": order_id})

    assert run["ok"], run
    locked = [step["says"] for step in run["steps"] if step["name"] == "locked"]
    assert locked == ([f"for {seconds} s"] if seconds else [])
    assert not missing & await called(account)


async def test_without_record_payment_the_events_are_all(
    account: DojoAccount, venue: Venue, server: RunningServer
) -> None:
    await account.register(
        "SearchOrders",
        "GetOrderById",
        "HandleEvent:payment_intent.status_updated",
        url=server.base_url,
        username=f"{venue.id}.dojo",
        password=SECRET,
    )
    order_id = await open_at_table(venue)

    run = await account.sim("POST", "terminal/pay", {"orderId": order_id})

    await account.settle()
    assert "recorded" not in [step["name"] for step in run["steps"]]
    assert await called(account) == {
        "SearchOrders",
        "GetOrderById",
        "HandleEvent:payment_intent.status_updated",
    }


async def test_nothing_to_pay_is_an_outcome(dojo: DojoAccount) -> None:
    run = await dojo.sim("POST", "terminal/pay", {"orderId": "ord_none"})
    assert (run["ok"], run["outcome"]) == (False, "nothing to pay")


async def test_the_list_is_read_to_its_end(dojo: DojoAccount, venue: Venue) -> None:
    first = await open_at_table(venue)
    for _ in range(101):
        await open_at_table(venue, 100)

    listed = await dojo.sim("POST", "terminal/orders", {})

    ids = [one["id"] for one in listed["orders"]]
    assert (len(ids), ids[-1]) == (102, first)
    assert await dojo.violations() == []
