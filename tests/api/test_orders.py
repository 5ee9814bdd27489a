"""Orders as they are answered: their shape and tolerance, their place and name, their cancelling."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.clock import LONG_AHEAD, freeze
from tests.support.floor import ONE, book, party, seat, seated
from tests.support.orders import event, gbp, item, order, payment
from tests.support.rows import add_table, execute, make_tab, set_status
from tests.support.venues import Venue

Json = dict[str, Any]
PATH = "/v1/orders"
NINE_DIGITS = "2024-08-12T14:30:00.123999999+02:00"
CUT = "2024-08-12T12:30:00.123Z"


async def create(venue: Venue, body: Json) -> Json:
    created: Json = await venue.ok("POST", PATH, body)
    assert await venue.ok("GET", f"{PATH}/{created['id']}") == created
    return created


async def dine_in(venue: Venue, **where: str) -> Json:
    """The place that an order gets that was sent for `where`."""
    place: Json = (await create(venue, order(dine_in=where)))["details"]["dineIn"]
    return place


class TestAnswer:
    async def test_what_was_sent_and_what_we_know(self, venue: Venue) -> None:
        noon = datetime(2026, 11, 23, 12, 0, 0, 987_654, tzinfo=UTC)
        await freeze(venue, noon)
        side = {"name": "Chips", "plu": "2", "quantity": 1, "amountPerItem": gbp(0)}
        items = [item(price=1_500) | {"subItems": [side | {"note": "No salt"}]}]
        body = order(1_500, [payment(500, 50)], note="No ice") | {
            "items": items,
            "reference": "A7",
            "displayName": "Window",
            "serviceChargeAmount": gbp(150),
            "taxLines": [
                {"name": "VAT", "amountPercentage": 2_000, "amountTotal": gbp(250)},
                {"id": "tax_1", "affectedPlu": items[0]["plu"], "amountTotal": gbp(20)},
            ],
            "discounts": [
                {"name": "Staff", "amountTotal": gbp(-100)},
                {
                    "name": "Regulars",
                    "affectedPlu": items[0]["plu"],
                    "discountReference": "d1",
                    "amountPercentage": 1_000,
                    "amountTotal": gbp(-150),
                },
            ],
            "customer": {"id": "c1", "name": "Ada", "emailAddress": "ada@example.com"},
        }
        created = await create(venue, body)
        assert created.pop("id").startswith("ord_")
        del body["dojoOrderId"]
        assert created == body | {
            "status": "Accepted",
            "createdAt": "2026-11-23T12:00:00.987Z",
            "updatedAt": "2026-11-23T12:00:00.987Z",
            "payable": True,
            "paidAmount": gbp(500),
            "tipsAmount": gbp(50),
        }

    async def test_what_nobody_said_is_left_out_and_never_null(self, venue: Venue) -> None:
        created = await create(venue, order() | {"note": None, "customer": None, "taxLines": None})
        assert set(created) == {
            *("id", "items", "status", "details", "payments", "payable", "displayName"),
            *("totalAmount", "paidAmount", "tipsAmount", "reference", "createdAt", "updatedAt"),
        }
        assert created["payments"] == []
        assert created["paidAmount"] == created["tipsAmount"] == gbp(0)

    async def test_a_venue_may_look_at_orders_before_it_accepts_them(self, venue: Venue) -> None:
        await execute(venue, "UPDATE venue SET accepts_orders = false WHERE id = $1")
        waiting = await create(venue, order())
        assert (waiting["status"], waiting["payable"]) == ("Submitted", True)


class TestTolerance:
    @pytest.mark.parametrize(
        ("kind", "member"), [("DineIn", {"dineIn": {}}), ("Collection", {"collection": {}})]
    )
    async def test_details_with_only_the_type(self, venue: Venue, kind: str, member: Json) -> None:
        created = await create(venue, order() | {"details": {"orderType": kind}})
        assert created["details"] == {"orderType": kind} | member

    async def test_times_in_any_zone_are_cut_to_milliseconds(self, venue: Venue) -> None:
        collected = {"orderType": "Collection", "collection": {"collectAt": NINE_DIGITS}}
        created = await create(venue, order() | {"details": collected})
        assert created["details"]["collection"] == {"collectAt": CUT}
        older = {"orderType": "Collection", "collection": {"collectionTime": NINE_DIGITS}}
        created = await create(venue, order() | {"details": older})
        assert created["details"]["collection"] == {"collectAt": CUT}
        assert await dine_in(venue, readyAt=NINE_DIGITS) == {"readyAt": CUT}

    async def test_a_time_without_a_zone_is_refused(self, venue: Venue) -> None:
        body = order(dine_in={"readyAt": "2024-08-12T14:30:00"})
        error = await venue.refused(400, "POST", PATH, body)
        assert error["debugMessage"].startswith("details.dineIn.readyAt ")

    async def test_a_phone_number_that_is_a_number(self, venue: Venue) -> None:
        created = await create(venue, order() | {"customer": {"phoneNumber": 442079460000}})
        assert created["customer"] == {"phoneNumber": "442079460000"}

    async def test_discounts_in_the_older_shape(self, venue: Venue) -> None:
        older = [{"amount": 250, "code": "X"}, {"amount": gbp(50), "name": "Regular"}, {}]
        created = await create(venue, order() | {"discounts": older})
        assert created["discounts"] == [
            {"amount": 250, "code": "X", "name": "Discount", "amountTotal": gbp(250)},
            {"amount": gbp(50), "name": "Regular", "amountTotal": gbp(50)},
            {"name": "Discount", "amountTotal": gbp(0)},
        ]

    async def test_fields_of_content_that_we_do_not_know_are_kept(self, venue: Venue) -> None:
        kept = {"allergens": ["nuts", {"trace": 0.5}], "seat": 3, "é 🍰": "yes"}
        sub_item = {"name": "Chips", "plu": "2", "quantity": 0, "amountPerItem": gbp(0)} | kept
        modifier = {"name": "Hot", "plu": "3", "quantity": 2, "amountPerModifier": gbp(-1)} | kept
        full = item(quantity=0) | kept | {"subItems": [sub_item], "modifiers": [modifier]}
        discount = {"name": "Staff", "amountTotal": gbp(100)} | kept
        created = await create(venue, order() | {"items": [full], "discounts": [discount]})
        assert (created["items"], created["discounts"]) == ([full], [discount])

    @pytest.mark.parametrize("closed", ["customer", "taxLines"])
    async def test_in_closed_objects_they_are_refused(self, venue: Venue, closed: str) -> None:
        odd = {"customer": {"shoeSize": 9}, "taxLines": [{"amountTotal": gbp(1), "shoeSize": 9}]}
        error = await venue.refused(400, "POST", PATH, order() | {closed: odd[closed]})
        assert "shoeSize" in error["debugMessage"]

    @pytest.mark.parametrize("field", ["totalAmount", "items", "payments", "details"])
    async def test_what_is_required_is_not_null(self, venue: Venue, field: str) -> None:
        for body in (order() | {field: None}, {k: v for k, v in order().items() if k != field}):
            error = await venue.refused(400, "POST", PATH, body)
            assert error["debugMessage"].startswith(f"{field} ")


class TestPlace:
    async def test_the_party_at_the_table_has_the_order(self, venue: Venue) -> None:
        party_id = (await seat(venue, "t1", "t2"))["id"]
        assert await dine_in(venue, tableId="t2") == {"tableId": "t2", "partyId": party_id}
        assert await dine_in(venue, tableId="t3") == {"tableId": "t3"}

    async def test_a_party_that_was_named_is_not_replaced(self, venue: Venue) -> None:
        await seat(venue, "t1")
        elsewhere = (await seat(venue, "p1"))["id"]
        assert await dine_in(venue, tableId="t1", partyId=elsewhere) == {
            "tableId": "t1",
            "partyId": elsewhere,
        }

    async def test_a_preorder_waits_for_its_guests_or_finds_them_seated(self, venue: Venue) -> None:
        booking = (await book(venue, "t3"))["id"]
        assert await dine_in(venue, reservationId=booking) == {"reservationId": booking}
        party_id = (await seat(venue, "t2", "t1", reservationId=booking))["id"]
        theirs = {"reservationId": booking, "partyId": party_id}
        assert await dine_in(venue, reservationId=booking) == {"tableId": "t2"} | theirs
        second = await dine_in(venue, reservationId=booking, tableId="t1")
        assert second == {"tableId": "t1"} | theirs, "a table of theirs stays"
        other = await dine_in(venue, reservationId=booking, tableId="p1")
        assert other == {"tableId": "t2"} | theirs

    @pytest.mark.parametrize("field", ["tableId", "partyId", "reservationId"])
    async def test_what_is_not_there_is_named(self, venue: Venue, field: str) -> None:
        body = order(dine_in={"tableId": "t1", field: "unknown"})
        error = await venue.refused(400, "POST", PATH, body)
        assert error["debugMessage"].startswith(f"details.dineIn.{field} ")

    async def test_nor_is_what_has_ended_or_was_deleted(self, venue: Venue) -> None:
        guests = party("t1")
        ended = await venue.ok("POST", "/v1/parties", guests)
        await venue.ok("PUT", f"/v1/parties/{ended['id']}", seated(guests, endTime=ONE))
        deleted = await seat(venue, "t2")
        await venue.ok("DELETE", f"/v1/parties/{deleted['id']}")
        booking = await book(venue, "t3")
        await venue.ok("DELETE", f"/v1/reservations/{booking['id']}")
        for gone in ({"partyId": ended["id"]}, {"partyId": deleted["id"]}):
            error = await venue.refused(400, "POST", PATH, order(dine_in=gone))
            assert error["debugMessage"].startswith("details.dineIn.partyId ")
        cancelled = {"reservationId": booking["id"]}
        error = await venue.refused(400, "POST", PATH, order(dine_in=cancelled))
        assert error["debugMessage"].startswith("details.dineIn.reservationId ")

    async def test_a_waiter_may_be_unknown(self, venue: Venue) -> None:
        assert await dine_in(venue, waiterId="a new one") == {"waiterId": "a new one"}


class TestNames:
    async def test_sent_ones_are_kept(self, venue: Venue) -> None:
        sent = {"displayName": "The longest display name in town", "reference": "R1"}
        for _ in range(2):
            created = await create(venue, order() | sent)
            assert sent.items() <= created.items()

    async def test_ours_tell_open_orders_apart(self, venue: Venue) -> None:
        created = [await create(venue, order(dine_in={"tableId": "t10"})) for _ in range(20)]
        references = {one["reference"] for one in created}
        assert len(references) == 20
        assert all(re.fullmatch("[2-9A-HJ-NP-Z]{4}", reference) for reference in references)
        assert {one["displayName"] for one in created} == {
            f"Table 10 {reference}" for reference in references
        }

    async def test_a_card_machine_can_tell_them_apart_too(self, venue: Venue) -> None:
        await add_table(venue, "long", "The conservatory, by the orange trees")
        created = await create(venue, order(dine_in={"tableId": "long"}))
        assert len(created["displayName"]) <= 24
        assert created["displayName"].startswith("The conservatory, ")
        assert created["displayName"].endswith(created["reference"])
        collected = await create(venue, order())
        assert collected["displayName"] == f"Collection {collected['reference']}"


class TestCancel:
    async def test_once_or_twice_and_it_can_still_be_read(self, venue: Venue) -> None:
        path = f"{PATH}/{(await create(venue, order()))['id']}"
        canceled = await venue.ok("DELETE", path)
        assert (canceled["status"], canceled["payable"]) == ("Canceled", False)
        assert await venue.ok("DELETE", path) == canceled
        assert await venue.ok("GET", path) == canceled

    @pytest.mark.parametrize("status", ["Finalized", "Failed"])
    async def test_what_is_over_is_a_conflict(self, venue: Venue, status: str) -> None:
        order_id = (await create(venue, order()))["id"]
        await set_status(venue, order_id, status)
        error = await venue.refused(409, "DELETE", f"{PATH}/{order_id}")
        assert status in error["debugMessage"]

    async def test_a_dojo_order_keeps_its_payments_until_dojos_events_end_them(
        self, venue: Venue
    ) -> None:
        paid = payment(400, 40)
        created = await create(venue, order(1_000, [paid]))
        canceled = await venue.ok("DELETE", f"{PATH}/{created['id']}")
        assert canceled["payments"] == created["payments"]
        assert canceled["paidAmount"] == gbp(400)
        await venue.ok("POST", "/v1/events", event(paid["paymentIntentId"], "Refunded"))
        ended = await venue.ok("GET", f"{PATH}/{created['id']}")
        assert (ended["status"], ended["payments"]) == ("Canceled", [])

    async def test_a_tab_that_was_paid_on_is_refunded_first(self, venue: Venue) -> None:
        paid, unpaid = await make_tab(venue, 900, paid=100), await make_tab(venue, 900)
        error = await venue.refused(409, "DELETE", f"{PATH}/{paid}")
        assert "refund" in error["debugMessage"]
        assert (await venue.ok("DELETE", f"{PATH}/{unpaid}"))["status"] == "Canceled"

    async def test_a_live_lock_keeps_it_from_being_cancelled(self, venue: Venue) -> None:
        order_id = (await create(venue, order()))["id"]
        lock = {"lockId": "l1", "expiry": LONG_AHEAD}
        await venue.ok("POST", f"{PATH}/{order_id}/lock", lock)
        error = await venue.refused(409, "DELETE", f"{PATH}/{order_id}")
        assert LONG_AHEAD in error["debugMessage"]
        await venue.ok("DELETE", f"{PATH}/{order_id}/locks/l1")
        await venue.ok("DELETE", f"{PATH}/{order_id}")

    @pytest.mark.parametrize("unknown", ["ord_unknown", "a b", "%00", "x" * 300])
    async def test_what_is_not_there_is_not_found(self, venue: Venue, unknown: str) -> None:
        for method in ("GET", "DELETE"):
            error = await venue.refused(404, method, f"{PATH}/{unknown}")
            assert error["errorType"] == "NotFound"
