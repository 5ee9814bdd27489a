"""A waiter with a card terminal at the table."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.orders import event, order, payment, unique
from tests.support.venues import Venue


def soon(seconds: int = 60) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


async def open_order(venue: Venue, total: int) -> str:
    created = await venue.ok("POST", "/v1/orders", order(total, dine_in={"tableId": "t1"}))
    order_id: str = created["id"]
    return order_id


async def pay(venue: Venue, order_id: str, paid: int, tips: int = 0, **more: Any) -> Any:
    body = payment(paid, tips) | more
    return await venue.ok("POST", f"/v1/orders/{order_id}/record-payment", body)


async def test_a_guest_pays_in_full(venue: Venue) -> None:
    order_id = await open_order(venue, 4_550)
    listed = await venue.ok(
        "POST", "/v1/orders/search", {"payableOnly": True, "dineIn": {"tableId": "t1"}}
    )
    assert [found["id"] for found in listed["data"]] == [order_id]

    lock_id = unique("lock")
    lock = {"lockId": lock_id, "expiry": soon()}
    locked = await venue.ok("POST", f"/v1/orders/{order_id}/lock", lock)
    assert locked["payable"] is True

    paid = await pay(venue, order_id, 4_550, tips=500, lockId=lock_id)
    assert paid["paidAmount"]["value"] == 4_550
    assert paid["tipsAmount"]["value"] == 500
    assert paid["payable"] is False

    unlocked = await venue.ok("DELETE", f"/v1/orders/{order_id}/locks/{lock_id}")
    assert unlocked["payments"] == paid["payments"]
    listed = await venue.ok("POST", "/v1/orders/search", {"payableOnly": True})
    assert listed["data"] == []


async def test_a_payment_that_is_reversed_is_owed_again_and_paid_again(venue: Venue) -> None:
    order_id = await open_order(venue, 3_000)
    first = payment(3_000, 300)
    await venue.ok("POST", f"/v1/orders/{order_id}/record-payment", first)
    await venue.ok("POST", "/v1/events", event(first["paymentIntentId"], "Captured"))

    await venue.ok("POST", "/v1/events", event(first["paymentIntentId"], "Reversed"))
    owed = await venue.ok("GET", f"/v1/orders/{order_id}")
    assert owed["payments"] == []
    assert owed["paidAmount"]["value"] == owed["tipsAmount"]["value"] == 0
    assert owed["payable"] is True

    again = await pay(venue, order_id, 3_000)
    assert again["payable"] is False
    replay = await venue.ok("POST", f"/v1/orders/{order_id}/record-payment", first)
    assert replay["paidAmount"]["value"] == 3_000, "the replay changed nothing"
