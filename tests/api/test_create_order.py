"""CreateOrder: what a retry answers, and what money and payment intents it takes."""

from collections.abc import Callable
from typing import Any

import pytest

from epos.store.database import Database
from tests.support.floor import seat
from tests.support.orders import event, gbp, item, order, payment, unique
from tests.support.rows import fetch
from tests.support.server import RunningServer
from tests.support.venues import Venue, make_venue

Json = dict[str, Any]
PATH = "/v1/orders"


async def create(venue: Venue, body: Json, **headers: str) -> Json:
    created: Json = await venue.ok("POST", PATH, body, **headers)
    return created


async def orders_of(venue: Venue) -> list[Json]:
    found: list[Json] = (await venue.ok("POST", f"{PATH}/search", {}))["data"]
    return found


class TestSentAgain:
    async def test_the_answer_is_the_order_as_it_is_now(self, venue: Venue) -> None:
        body = order(2_000)
        created = await create(venue, body)
        await venue.ok("POST", f"{PATH}/{created['id']}/record-payment", payment(500, 50))
        paid = await create(venue, body)
        assert (paid["id"], paid["paidAmount"]["value"]) == (created["id"], 500)
        canceled = await venue.ok("DELETE", f"{PATH}/{created['id']}")
        assert await create(venue, body) == canceled
        assert canceled["status"] == "Canceled"
        assert len(await orders_of(venue)) == 1

    async def test_other_content_is_a_conflict_and_changes_nothing(self, venue: Venue) -> None:
        body = order(2_000)
        created = await create(venue, body)
        error = await venue.refused(409, "POST", PATH, body | {"note": "extra hot"})
        assert error["errorType"] == "Conflict"
        assert "dojoOrderId" in error["debugMessage"]
        assert await orders_of(venue) == [created]

    async def test_the_same_content_may_be_written_differently(self, venue: Venue) -> None:
        when = "2024-08-12T14:30:00+02:00"
        body = order(2_000) | {
            "details": {"orderType": "Collection", "collection": {"collectAt": when}}
        }
        created = await create(venue, body)
        same_instant = {"collectAt": "2024-08-12T12:30:00.000Z", "asap": None}
        rewritten = dict(reversed(body.items())) | {
            "details": {"orderType": "Collection", "collection": same_instant},
            "note": None,
            "someFieldOfTomorrow": {"kept": False},
        }
        assert await create(venue, rewritten, waiter_id="ben", device_id="d2") == created

    async def test_no_rule_refuses_what_was_accepted(self, venue: Venue) -> None:
        """The party has left, the intent is dead, the waiter is another: the order is there."""
        party = await seat(venue, "t1")
        paid = payment(700)
        body = order(2_000, [paid], dine_in={"tableId": "t1", "partyId": party["id"]})
        created = await create(venue, body)
        await venue.ok("DELETE", f"/v1/parties/{party['id']}")
        await venue.ok("POST", "/v1/events", event(paid["paymentIntentId"], "Reversed"))
        again = await create(venue, body)
        assert (again["id"], again["payments"]) == (created["id"], [])

    async def test_not_even_an_access_rule(self, assigned_venue: Venue) -> None:
        body = order(2_000, dine_in={"tableId": "t3", "waiterId": "ben"})
        created = await create(assigned_venue, body, waiter_id="ben")
        await assigned_venue.refused(404, "GET", f"{PATH}/{created['id']}", waiter_id="anna")
        assert await create(assigned_venue, body, waiter_id="anna") == created

    async def test_another_venue_knows_nothing_of_it(
        self, venue: Venue, other_venue: Venue
    ) -> None:
        body, other = order(2_000), order(3_000)
        other["dojoOrderId"] = body["dojoOrderId"]
        ours, theirs = await create(venue, body), await create(other_venue, other)
        assert ours["id"] != theirs["id"]
        await other_venue.refused(404, "GET", f"{PATH}/{ours['id']}")
        assert await orders_of(other_venue) == [theirs]

    async def test_what_was_refused_may_be_sent_again_corrected(self, venue: Venue) -> None:
        body = order(2_000, dine_in={"tableId": "nowhere"})
        await venue.refused(400, "POST", PATH, body)
        corrected = body | {"details": {"orderType": "DineIn", "dineIn": {"tableId": "t1"}}}
        assert (await create(venue, corrected))["details"]["dineIn"] == {"tableId": "t1"}


def _with_modifier(kind: str, modifier: Json) -> Json:
    return {"items": [item() | {kind: [modifier]}]}


EURO = gbp(100, "EUR")
MODIFIER = {"name": "Oat milk", "plu": "7", "quantity": 1, "amountPerModifier": EURO}
SUB_ITEM = {"name": "Chips", "plu": "8", "quantity": 1, "amountPerItem": EURO}
IN_EUROS: list[tuple[str, Json]] = [
    ("totalAmount", {"totalAmount": gbp(10_000, "EUR")}),
    ("items[0].amountPerItem", {"items": [item() | {"amountPerItem": EURO}]}),
    ("items[0].modifiers[0].amountPerModifier", _with_modifier("modifiers", MODIFIER)),
    ("items[0].subItems[0].amountPerItem", _with_modifier("subItems", SUB_ITEM)),
    ("discounts[0].amountTotal", {"discounts": [{"name": "Staff", "amountTotal": EURO}]}),
    ("taxLines[0].amountTotal", {"taxLines": [{"amountTotal": EURO}]}),
    ("serviceChargeAmount", {"serviceChargeAmount": EURO}),
    ("payments[0].paidAmount", {"payments": [{"paidAmount": EURO}]}),
    ("payments[0].tipsAmount", {"payments": [payment(100) | {"tipsAmount": EURO}]}),
]


class TestMoney:
    @pytest.mark.parametrize(("field", "change"), IN_EUROS, ids=[field for field, _ in IN_EUROS])
    async def test_one_currency_the_venues(self, venue: Venue, field: str, change: Json) -> None:
        error = await venue.refused(400, "POST", PATH, order() | change)
        assert error["errorType"] == "InvalidRequest"
        assert error["debugMessage"].startswith(f"{field}.currencyCode ")
        assert "GBP" in error["debugMessage"]

    async def test_euros_where_the_venue_takes_euros(
        self, database: Database, server: RunningServer
    ) -> None:
        body = order() | {"totalAmount": EURO, "items": [item() | {"amountPerItem": EURO}]}
        async with make_venue(database, server, currency="EUR") as euro_venue:
            created = await create(euro_venue, body)
            error = await euro_venue.refused(400, "POST", PATH, order())
        assert created["totalAmount"] == created["items"][0]["amountPerItem"] == EURO
        assert created["paidAmount"] == created["tipsAmount"] == gbp(0, "EUR")
        assert error["debugMessage"].startswith("totalAmount.currencyCode ")

    async def test_payments_may_reach_the_total_and_not_pass_it(self, venue: Venue) -> None:
        over = order(1_000, [payment(600), payment(401)])
        error = await venue.refused(400, "POST", PATH, over)
        assert error["debugMessage"].startswith("payments ")
        exact = await create(venue, order(1_000, [payment(600, 5_000), payment(400)]))
        assert exact["paidAmount"]["value"] == 1_000
        assert exact["tipsAmount"]["value"] == 5_000, "tips are on top of the total"

    async def test_a_prepaid_order_is_accepted_and_not_payable(self, venue: Venue) -> None:
        prepaid = await create(venue, order(1_000, [payment(1_000)]))
        assert (prepaid["payable"], prepaid["status"]) == (False, "Accepted")

    async def test_a_payment_of_nothing_is_refused(self, venue: Venue) -> None:
        error = await venue.refused(400, "POST", PATH, order(1_000, [payment(5), payment(0)]))
        assert error["debugMessage"].startswith("payments[1].paidAmount.value ")

    async def test_an_order_of_nothing_is_free(self, venue: Venue) -> None:
        free = await create(venue, order(0))
        assert (free["totalAmount"]["value"], free["payable"]) == (0, False)

    async def test_item_arithmetic_is_not_second_guessed(self, venue: Venue) -> None:
        body = order(1_000) | {"items": [item(price=-50, quantity=0), item(price=99_999)]}
        assert (await create(venue, body))["items"] == body["items"]


async def made_dead(venue: Venue) -> str:
    intent = unique("pi")
    await venue.ok("POST", "/v1/events", event(intent, "Canceled"))
    return intent


async def refused_before(venue: Venue) -> str:
    tab, too_much = await create(venue, order(100)), payment(101)
    await venue.refused(409, "POST", f"{PATH}/{tab['id']}/record-payment", too_much)
    await venue.ok("DELETE", f"{PATH}/{tab['id']}")
    return str(too_much["paymentIntentId"])


async def recorded_elsewhere(venue: Venue) -> str:
    paid = payment(100)
    await create(venue, order(100, [paid]))
    return str(paid["paymentIntentId"])


class TestIntents:
    @pytest.mark.parametrize("spent", [made_dead, refused_before, recorded_elsewhere])
    async def test_one_that_cannot_pay_is_a_conflict_and_no_order_is_made(
        self, venue: Venue, spent: Callable[[Venue], Any]
    ) -> None:
        intent, fresh = await spent(venue), payment(200)
        before = await orders_of(venue)
        marks = "SELECT * FROM payment_intent WHERE venue_id = $1 ORDER BY id"
        was = await fetch(venue, marks)
        body = order(1_000, [fresh, payment(100, intent=intent)])
        for _ in range(2):
            error = await venue.refused(409, "POST", PATH, body)
            assert intent in error["debugMessage"]
        assert await orders_of(venue) == before
        assert await fetch(venue, marks) == was, "neither intent is marked"
        await create(venue, body | {"payments": [fresh]})

    async def test_the_same_one_twice_is_refused(self, venue: Venue) -> None:
        twice = [payment(100, intent="pi_twice"), payment(200, intent="pi_twice")]
        error = await venue.refused(400, "POST", PATH, order(1_000, twice))
        assert error["debugMessage"].startswith("payments ")

    async def test_recording_it_later_is_a_replay(self, venue: Venue) -> None:
        paid = payment(400, 40)
        created = await create(venue, order(1_000, [paid]))
        record = f"{PATH}/{created['id']}/record-payment"
        assert await venue.ok("POST", record, paid) == created
        await venue.refused(409, "POST", record, paid | {"paidAmount": gbp(401)})

    async def test_a_capture_heard_before_the_order_counts(self, venue: Venue) -> None:
        paid = payment(400)
        await venue.ok("POST", "/v1/events", event(paid["paymentIntentId"], "Captured"))
        await create(venue, order(1_000, [paid]))
        rows = await fetch(venue, "SELECT status FROM payment WHERE venue_id = $1")
        assert [row["status"] for row in rows] == ["captured"]

    async def test_a_payment_without_one_is_answered_under_its_ledger_id(
        self, venue: Venue
    ) -> None:
        cash = {"paidAmount": gbp(100)}
        created = await create(venue, order(1_000, [cash, cash, payment(5, 2, intent="pi_card")]))
        first, second, card = created["payments"]
        assert first["paymentIntentId"].startswith("pay_")
        assert second["paymentIntentId"].startswith("pay_")
        assert first["paymentIntentId"] != second["paymentIntentId"]
        assert card == {"paymentIntentId": "pi_card", "paidAmount": gbp(5), "tipsAmount": gbp(2)}
        assert first["tipsAmount"] == gbp(0)

    async def test_nothing_ever_matches_on_a_ledger_id(self, venue: Venue) -> None:
        created = await create(venue, order(1_000, [{"paidAmount": gbp(100)}]))
        ledger_id = created["payments"][0]["paymentIntentId"]
        await venue.ok("POST", "/v1/events", event(ledger_id, "Reversed"))
        assert await venue.ok("GET", f"{PATH}/{created['id']}") == created
        other = await create(venue, order(1_000))
        path = f"{PATH}/{other['id']}/record-payment"
        await venue.refused(409, "POST", path, payment(100, intent=ledger_id))
