"""The deposit of a reservation, and paying in full by it."""

from tests.support.clock import freeze
from tests.support.counter import money
from tests.support.floor import book, seat
from tests.support.orders import gbp
from tests.support.tabs import open_tab
from tests.support.venues import Venue


async def test_a_reservations_deposit_counts_on_a_tab_and_the_kitchen_is_told(
    bistro: Venue,
) -> None:
    await freeze(bistro, "2024-08-12T12:00+00:00")
    booked = await book(bistro, "t1")
    deposit = {"totalAmount": gbp(5_000), "description": "Set menu", "paymentIntentIds": []}
    await seat(bistro, "t1", reservationId=booked["id"], deposit=deposit)
    bill = await bistro.till.call("GET", f"{(await open_tab(bistro, 'wine')).path}/bill")
    assert "Deposit paid before: £50.00" in bill.text
    assert "for Set menu" in bill.text
    tab = await open_tab(bistro, "burger", tableId="t2")
    await tab.do("deposits", reservationId=booked["id"])
    assert money(tab) == ("Finalized", 1_250, 0, 0)
    assert [line["sentRound"] for line in tab.lines] == [1], "what is paid is made"


async def test_a_voucher_that_pays_all_tells_the_kitchen(bistro: Venue) -> None:
    sold = {"code": "GIFT-1", "amount": 2_000, "type": "cash"}
    await bistro.till.ok("POST", "/till/v1/vouchers", sold)
    tab = await open_tab(bistro, "burger")
    await tab.do("payments", {"type": "other", "method": "voucher", "voucher": "GIFT-1"})
    assert (tab.shown["status"], tab.shown["rounds"]) == ("Finalized", 1)
