"""A journal for a bookkeeper: whatever was sold and taken, the debits are the credits."""

from hypothesis import given
from hypothesis import strategies as st

from epos.domain.bookkeeping import Booking, Moved, Sold, Taken, bookings

amounts = st.integers(-100_000, 100_000)
rates = st.sampled_from([None, 0, 500, 2_000])
sold = st.builds(
    Sold,
    st.sampled_from(["item", "discount", "refund", "service_charge", "vat", "order", "order_vat"]),
    rates,
    amounts,
)
taken = st.builds(
    Taken, st.sampled_from(["cash", "dojo", "other"]), st.just("voucher"), amounts, amounts
)
moved = st.builds(Moved, st.sampled_from(["paid-in", "paid-out", "to-safe"]), st.integers(1, 9_999))


@given(st.lists(sold), st.lists(taken), st.lists(moved), amounts)
def test_it_balances(
    sales: list[Sold], takings: list[Taken], moves: list[Moved], counted_more: int
) -> None:
    booked = {line.account: line.amount for line in bookings(sales, takings, moves, counted_more)}
    assert sum(booked.values()) == 0
    counting = ("item", "discount", "refund", "service_charge", "order")
    total = sum(row.amount for row in sales if row.kind in counting)
    assert booked.get("guests-owe", 0) == total - sum(row.paid for row in takings)
    assert -booked.get("tips-payable", 0) == sum(row.tips for row in takings)
    vat = sum(row.amount for row in sales if row.kind in ("vat", "order_vat"))
    assert -booked.get("vat-output", 0) == vat


def test_an_evening() -> None:
    """Burgers with VAT and a voluntary charge, by card with a tip; milk from the drawer."""
    sales = [
        Sold("item", 2_000, 2_400),
        Sold("vat", 2_000, 400),
        Sold("service_charge", None, 300),
    ]
    booked = bookings(sales, [Taken("dojo", None, 2_500, 150)], [Moved("paid-out", 70)], -5)
    assert set(booked) == {
        Booking("sales-20", -2_000),
        Booking("vat-output", -400),
        Booking("service-charge", -300),
        Booking("card", 2_650),
        Booking("tips-payable", -150),
        Booking("guests-owe", 200),
        Booking("cash", -75),
        Booking("cash-paid-out", 70),
        Booking("cash-over-short", 5),
    }
