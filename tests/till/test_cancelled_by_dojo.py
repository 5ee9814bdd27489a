"""A reservation that Dojo cancels stays at the till with its status."""

from tests.support.clock import freeze
from tests.support.floor import book
from tests.support.venues import Venue

PATH = "/till/v1/reservations"


async def test_it_stays_with_its_status(venue: Venue) -> None:
    await freeze(venue, "2024-08-12T09:00+00:00")
    booked = await book(venue, "t1")
    await venue.ok("DELETE", f"/v1/reservations/{booked['id']}")
    assert (await venue.till.ok("GET", f"{PATH}/{booked['id']}"))["status"] == "canceled"
    page = await venue.till.ok("GET", f"{PATH}?day=2024-08-12&status=canceled")
    assert [one["id"] for one in page["data"]] == [booked["id"]]
