"""A guest's phone at the real EPOS, over REST."""

from tests.support.dojo import DojoAccount
from tests.support.orders import order, payment
from tests.support.venues import Venue


async def test_orders_and_is_captured(dojo: DojoAccount, venue: Venue) -> None:
    run = await dojo.sim("POST", "phone/order", {"tableId": "t2", "tip": 200, "note": "No onions"})

    assert run["ok"], run
    made = await venue.ok("GET", f"/v1/orders/{run['orderId']}")
    assert made["paidAmount"]["value"] == made["totalAmount"]["value"] == 2 * (1250 + 120) + 340
    assert made["tipsAmount"]["value"] == 200
    await dojo.settle()
    (intent,) = await dojo.sim("GET", "intents")
    assert intent["history"] == ["Created", "Authorized", "Captured"]
    assert intent["orderDetails"]["externalId"] == run["orderId"]
    assert await dojo.violations() == []


async def test_orders_for_collection(dojo: DojoAccount, venue: Venue) -> None:
    run = await dojo.sim("POST", "phone/order", {})

    made = await venue.ok("GET", f"/v1/orders/{run['orderId']}")
    assert made["details"] == {"orderType": "Collection", "collection": {"asap": True}}


async def test_a_refused_order_costs_nothing(dojo: DojoAccount) -> None:
    run = await dojo.sim("POST", "phone/order", {"tableId": "no-such-table"})

    assert run["outcome"] == "refused"
    (intent,) = await dojo.sim("GET", "intents")
    assert intent["history"] == ["Created", "Authorized", "Reversed"]
    assert (await dojo.sim("GET", "books"))["net"] == 0


async def test_a_declined_card_orders_nothing(dojo: DojoAccount) -> None:
    run = await dojo.sim("POST", "phone/order", {"tableId": "t1", "declined": True})

    assert (run["ok"], run["outcome"]) == (True, "declined")
    assert list((await dojo.statuses()).values()) == ["Canceled"]
    assert await dojo.sim("GET", "journal", method="CreateOrder") == []


async def test_pays_an_open_bill(dojo: DojoAccount, venue: Venue) -> None:
    body = order(5_000, dine_in={"tableId": "t3"}, payments=[payment(2_000)])
    order_id = (await venue.ok("POST", "/v1/orders", body))["id"]

    run = await dojo.sim("POST", "phone/pay", {"tableId": "t3", "equal": 2, "tips": [50]})

    assert run["ok"], run
    paid = await venue.ok("GET", f"/v1/orders/{order_id}")
    assert (paid["paidAmount"]["value"], paid["tipsAmount"]["value"]) == (5_000, 50)
    assert all(
        one["history"] == ["Created", "Authorized", "Captured"]
        for one in await dojo.sim("GET", "intents")
    )
    asked = await dojo.sim("GET", "journal", method="RecordOrderPaymentById")
    assert asked[0]["body"]["headers"]["dojoRequestingProduct"] == "Order&Pay"
