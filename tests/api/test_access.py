"""Who sees what: policy `open` shows everything, `assigned` what is the waiter's or nobody's."""

from typing import Any

import pytest

from tests.support.clock import LONG_AHEAD
from tests.support.floor import book, party, seat, seated
from tests.support.orders import order, payment
from tests.support.paging import forward, ids, page
from tests.support.rows import fetch
from tests.support.venues import Venue

Json = dict[str, Any]
ORDERS, TABLES, PARTIES = "/v1/orders/search", "/v1/tables/search", "/v1/parties/search"

# Anna looks after the main area, Ben after its table t3, Cleo after nothing; the terrace is nobody's.
PLACES: dict[str, Json] = {
    "on anna's table": {"tableId": "t1"},
    "on ben's table": {"tableId": "t3"},
    "on nobody's table": {"tableId": "p1"},
    "cleo's, on anna's table": {"tableId": "t2", "waiterId": "cleo"},
    "anna's, on ben's table": {"tableId": "t3", "waiterId": "anna"},
    "ben's, on no table": {"waiterId": "ben"},
    "nobody's": {},
}
ORDERS_SEEN = {
    "anna": {"on anna's table", "on nobody's table", "anna's, on ben's table", "nobody's"},
    "ben": {"on ben's table", "on nobody's table", "ben's, on no table", "nobody's"},
    "cleo": {"on nobody's table", "cleo's, on anna's table", "nobody's"},
    "somebody new": {"on nobody's table", "nobody's"},
    "max": set(PLACES),
}
TABLES_SEEN = {
    "anna": ["t1", "t2", "t10", "p1", "p2"],
    "ben": ["t3", "p1", "p2"],
    "cleo": ["p1", "p2"],
    "somebody new": ["p1", "p2"],
    "max": ["t1", "t2", "t3", "t10", "p1", "p2"],
}
EVERYBODY = sorted(ORDERS_SEEN)


def headers(waiter: str | None) -> dict[str, str]:
    return {} if waiter is None else {"waiter_id": waiter}


async def make_orders(venue: Venue) -> dict[str, str]:
    """An order for each of PLACES, as Order & Pay makes them: without a waiter."""
    return {
        name: (await venue.ok("POST", "/v1/orders", order(dine_in=place)))["id"]
        for name, place in PLACES.items()
    }


async def found(venue: Venue, path: str, waiter: str | None, filters: Json | None = None) -> Any:
    """All that a waiter finds, two a page."""
    venue.client.headers.pop("waiter-id", None)
    if waiter is not None:
        venue.client.headers["waiter-id"] = waiter
    pages = [one async for one in forward(venue, path, 2, filters)]
    venue.client.headers.pop("waiter-id", None)
    return ids(*pages)


@pytest.mark.parametrize("waiter", EVERYBODY)
class TestAssigned:
    async def test_an_order_is_seen_or_not_there(self, assigned_venue: Venue, waiter: str) -> None:
        orders = await make_orders(assigned_venue)
        for name, order_id in orders.items():
            response = await assigned_venue.call("GET", f"/v1/orders/{order_id}", waiter_id=waiter)
            seen = name in ORDERS_SEEN[waiter]
            assert response.status_code == (200 if seen else 404), name

    async def test_no_search_shows_what_is_hidden(self, assigned_venue: Venue, waiter: str) -> None:
        orders = await make_orders(assigned_venue)
        names = {order_id: name for name, order_id in orders.items()}
        searches: tuple[dict[str, Any], ...] = (
            {},
            {"payableOnly": True},
            *({"dineIn": {"tableId": table}} for table in ("t1", "t3", "p1")),
            *({"dineIn": {"waiterId": other}} for other in ("anna", "ben", "cleo")),
        )
        for filters in searches:
            shown = await found(assigned_venue, ORDERS, waiter, filters)
            everything = await found(assigned_venue, ORDERS, None, filters)
            seen = [one for one in everything if names[one] in ORDERS_SEEN[waiter]]
            assert shown == seen, filters

    async def test_tables(self, assigned_venue: Venue, waiter: str) -> None:
        assert await found(assigned_venue, TABLES, waiter) == TABLES_SEEN[waiter]
        main = await found(assigned_venue, TABLES, waiter, {"areaId": "area_main"})
        assert main == [table for table in TABLES_SEEN[waiter] if table.startswith("t")]

    async def test_a_party_is_seen_through_any_of_its_tables(
        self, assigned_venue: Venue, waiter: str
    ) -> None:
        at = {"t3": ["t3"], "t1, t2": ["t1", "t2"], "t10, p1": ["t10", "p1"], "p2": ["p2"]}
        parties = {name: (await seat(assigned_venue, *tables))["id"] for name, tables in at.items()}
        visible = {name for name, tables in at.items() if set(tables) & set(TABLES_SEEN[waiter])}
        for name, party_id in parties.items():
            status = 200 if name in visible else 404
            call = await assigned_venue.call("GET", f"/v1/parties/{party_id}", waiter_id=waiter)
            assert call.status_code == status, name
        shown = await found(assigned_venue, PARTIES, waiter)
        assert set(shown) == {parties[name] for name in visible}

    async def test_areas_and_reservations_are_never_hidden(
        self, assigned_venue: Venue, waiter: str
    ) -> None:
        booking = await book(assigned_venue, "t3")
        assert len(await assigned_venue.ok("GET", "/v1/areas", waiter_id=waiter)) == 2
        path = f"/v1/reservations/{booking['id']}"
        assert await assigned_venue.ok("GET", path, waiter_id=waiter) == booking
        shown = await found(assigned_venue, "/v1/reservations/search", waiter)
        assert shown == [booking["id"]]


class TestWhatIsHidden:
    """Anna asks for what is Ben's."""

    async def test_can_be_neither_cancelled_nor_locked(self, assigned_venue: Venue) -> None:
        orders = await make_orders(assigned_venue)
        path = "/v1/orders/" + orders["on ben's table"]
        expiry = {"expiry": LONG_AHEAD}
        await assigned_venue.ok("POST", f"{path}/lock", {"lockId": "l1"} | expiry, waiter_id="ben")
        hidden = [
            ("DELETE", path, None),
            ("POST", f"{path}/lock", {"lockId": "l2"} | expiry),
            ("PUT", f"{path}/locks/l1", expiry),
            ("DELETE", f"{path}/locks/l1", None),
            ("GET", f"{path}/bill", None),
        ]
        for method, where, body in hidden:
            error = await assigned_venue.refused(404, method, where, body, waiter_id="anna")
            unknown = where.replace(path, "/v1/orders/ord_unknown")
            other = await assigned_venue.refused(404, method, unknown, body, waiter_id="anna")
            assert error["debugMessage"] == other["debugMessage"]
        await assigned_venue.ok("PUT", f"{path}/locks/l1", expiry, waiter_id="ben")

    async def test_is_unknown_where_a_new_order_names_it(self, assigned_venue: Venue) -> None:
        party_id = (await seat(assigned_venue, "t3"))["id"]
        for field, hidden in (("tableId", "t3"), ("partyId", party_id)):
            errors = [
                await assigned_venue.refused(
                    400, "POST", "/v1/orders", order(dine_in={field: named}), waiter_id="anna"
                )
                for named in (hidden, "unknown")
            ]
            assert errors[0]["debugMessage"] == errors[1]["debugMessage"]
            body = order(dine_in={field: hidden})
            for waiter in ("ben", "max", None):
                await assigned_venue.ok("POST", "/v1/orders", body, **headers(waiter))

    async def test_cannot_be_seated_at_or_moved(self, assigned_venue: Venue) -> None:
        await assigned_venue.refused(400, "POST", "/v1/parties", party("t3"), waiter_id="anna")
        body = party("t3")
        path = f"/v1/parties/{(await assigned_venue.ok('POST', '/v1/parties', body))['id']}"
        for method, sent in (("PUT", seated(body, "t1")), ("DELETE", None)):
            await assigned_venue.refused(404, method, path, sent, waiter_id="anna")
        assert (await assigned_venue.ok("GET", path))["tableIds"] == ["t3"]

    async def test_can_be_paid_for_since_a_card_was_charged(self, assigned_venue: Venue) -> None:
        order_id = (await make_orders(assigned_venue))["on ben's table"]
        path = f"/v1/orders/{order_id}/record-payment"
        paid = await assigned_venue.ok("POST", path, payment(100), waiter_id="anna")
        assert paid["paidAmount"]["value"] == 100
        noted = await fetch(
            assigned_venue,
            """SELECT waiter_id, details FROM audit_entry
               WHERE venue_id = $1 AND subject_id = $2 AND action LIKE 'payment.%'""",
            order_id,
        )
        assert [row["waiter_id"] for row in noted] == ["anna"]
        assert "does not see" in noted[0]["details"]


@pytest.mark.parametrize("waiter", [None, *EVERYBODY])
async def test_the_policy_open_hides_nothing(venue: Venue, waiter: str | None) -> None:
    orders = await make_orders(venue)
    assert set(await found(venue, ORDERS, waiter)) == set(orders.values())
    for order_id in orders.values():
        await venue.ok("GET", f"/v1/orders/{order_id}", **headers(waiter))
    assert await found(venue, TABLES, waiter) == TABLES_SEEN["max"]
    party_id = (await seat(venue, "t3"))["id"]
    assert await found(venue, PARTIES, waiter) == [party_id]
    order_id = orders["cleo's, on anna's table"]
    await venue.ok("DELETE", f"/v1/orders/{order_id}", **headers(waiter))


async def test_whoever_sends_no_waiter_sees_all(assigned_venue: Venue) -> None:
    orders = await make_orders(assigned_venue)
    for waiter in ({}, {"waiter_id": ""}):
        for order_id in orders.values():
            await assigned_venue.ok("GET", f"/v1/orders/{order_id}", **waiter)
    assert set(await found(assigned_venue, ORDERS, None)) == set(orders.values())
    assert len((await page(assigned_venue, TABLES))["data"]) == 6
