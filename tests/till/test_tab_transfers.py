"""A tab moves to another table, and so to who sits there, or to another waiter."""

import pytest

from tests.support.audit import trail
from tests.support.floor import book, open_coffee, place_of, seat
from tests.support.orders import order, payment
from tests.support.recording import record
from tests.support.tabs import TillTab, at_till, open_tab
from tests.support.venues import Venue


@pytest.fixture
async def tab(bistro: Venue) -> TillTab:
    """A burger of the party at table 1."""
    await seat(bistro, "t1")
    return await open_tab(bistro, "burger", tableId="t1", waiterId="anna")


async def test_to_the_table_of_another_party(tab: TillTab) -> None:
    party = await seat(tab.venue, "t2", "t3")
    moved = await tab.do("transfer", tableId="t3")
    assert (moved["tableId"], moved["partyId"]) == ("t3", party["id"])
    assert moved["waiterId"] == "anna", "a table says nothing about who serves"
    assert (moved["total"], moved["displayName"][:7]) == (1_250, "Table 3")
    assert await place_of(tab.venue, tab.id) == ("t3", party["id"])


async def test_to_another_table_of_its_party(bistro: Venue) -> None:
    party = await seat(bistro, "t1", "t2")
    tab = await open_tab(bistro, tableId="t1")
    moved = await tab.do("transfer", tableId="t2")
    assert (moved["tableId"], moved["partyId"]) == ("t2", party["id"])


async def test_where_nobody_sits_it_is_nobodys_until_somebody_sits_down(tab: TillTab) -> None:
    assert "partyId" not in await tab.do("transfer", tableId="t2")
    party = await seat(tab.venue, "t2")
    assert (await tab.read())["partyId"] == party["id"]


async def test_to_another_waiter(tab: TillTab) -> None:
    party_id = tab.shown["partyId"]
    moved = await tab.do("transfer", waiterId="ben")
    assert (moved["waiterId"], moved["tableId"], moved["partyId"]) == ("ben", "t1", party_id)


async def test_to_both_at_once_with_its_payments(tab: TillTab) -> None:
    await record(tab.venue, tab.id, payment(500))
    await tab.refresh()
    moved = await tab.do("transfer", tableId="t10", waiterId="cleo")
    assert (moved["tableId"], moved["waiterId"], moved["balance"]) == ("t10", "cleo", 750)


async def test_an_order_of_dojos_too(venue: Venue) -> None:
    party = await seat(venue, "t2")
    tab = await at_till(venue, await open_coffee(venue, tableId="t1"))
    await tab.do("transfer", tableId="t2")
    assert await place_of(venue, tab.id) == ("t2", party["id"])


async def test_a_preorder_goes_on_waiting_for_its_own_guests(venue: Venue) -> None:
    booking = await book(venue, "t1")
    tab = await at_till(venue, await open_coffee(venue, tableId="t1", reservationId=booking["id"]))
    await seat(venue, "t2")
    assert "partyId" not in await tab.do("transfer", tableId="t2")
    guests = await seat(venue, "t3", reservationId=booking["id"])
    assert await place_of(venue, tab.id) == ("t3", guests["id"])


async def test_to_what_is_not_there(tab: TillTab) -> None:
    words = "tableId is not a table of the venue"
    assert words in await tab.refused(400, "transfer", tableId="nowhere")
    assert "waiterId" in await tab.refused(400, "transfer", tableId="t2", waiterId="nobody")
    assert "tableId or waiterId" in await tab.refused(400, "transfer")


async def test_to_a_table_that_the_waiter_may_not_see(assigned_venue: Venue) -> None:
    tab = await open_tab(assigned_venue, tableId="t1", who={"waiter_id": "anna"})
    assert "tableId" in await tab.refused(400, "transfer", tableId="t3")


async def test_what_is_given_away_may_be_out_of_sight(assigned_venue: Venue) -> None:
    tab = await open_tab(assigned_venue, tableId="t1", who={"waiter_id": "anna"})
    assert (await tab.do("transfer", waiterId="ben"))["waiterId"] == "ben"
    await assigned_venue.till.refused(404, "GET", tab.path, None, waiter_id="anna")


async def test_what_is_to_be_fetched_has_no_table(venue: Venue) -> None:
    tab = await at_till(venue, (await venue.ok("POST", "/v1/orders", order()))["id"])
    assert "for collection" in await tab.refused(409, "transfer", tableId="t1")
    assert (await tab.do("transfer", waiterId="ben"))["waiterId"] == "ben"


async def test_what_is_closed_stays_where_it_is(tab: TillTab) -> None:
    await record(tab.venue, tab.id, payment(1_250))
    await tab.refresh()
    assert "Finalized" in await tab.refused(409, "transfer", tableId="t2")


async def test_it_is_noted_with_where_it_was(tab: TillTab) -> None:
    party_id = tab.shown["partyId"]
    await tab.do("transfer", tableId="t2", waiterId="ben")
    (entry,) = await trail(tab.venue, action="order.transferred")
    for noted in ("t1", "t2", "anna", "ben", party_id):
        assert f"'{noted}'" in str(entry["details"])
