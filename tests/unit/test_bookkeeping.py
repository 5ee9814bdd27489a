"""A journal for a bookkeeper: whatever was sold and taken, the debits are the credits."""

from hypothesis import given
from hypothesis import strategies as st

from epos.domain.bookkeeping import Booking, Moved, Sold, Taken, VouchersSold, bookings

amounts = st.integers(-100_000, 100_000)
rates = st.sampled_from([None, 0, 500, 2_000])
sold = st.builds(
    Sold,
    st.sampled_from(["item", "discount", "refund", "service_charge", "vat", "order", "order_vat"]),
    rates,
    amounts,
)
taken = st.builds(
    Taken,
    st.sampled_from(["cash", "dojo", "other"]),
    st.sampled_from(["voucher", "deposit"]),
    amounts,
    amounts,
    st.booleans(),
)
moved = st.builds(Moved, st.sampled_from(["paid-in", "paid-out", "to-safe"]), st.integers(1, 9_999))


vouchers = st.builds(
    VouchersSold, st.sampled_from(["cash", "other"]), st.just("card"), st.integers(1, 9_999)
)


@given(st.lists(sold), st.lists(taken), st.lists(moved), amounts, st.lists(vouchers))
def test_it_balances(
    sales: list[Sold],
    takings: list[Taken],
    moves: list[Moved],
    counted_more: int,
    sold_vouchers: list[VouchersSold],
) -> None:
    lines = bookings(sales, takings, moves, counted_more, sold_vouchers)
    booked = {line.account: line.amount for line in lines}
    assert sum(booked.values()) == 0
    counting = ("item", "discount", "refund", "service_charge", "order")
    total = sum(row.amount for row in sales if row.kind in counting)
    assert booked.get("guests-owe", 0) == total - sum(row.paid for row in takings)
    assert -booked.get("tips-payable", 0) == sum(row.tips for row in takings)
    redeemed = sum(row.paid + row.tips for row in takings if row.by_voucher)
    owed = sum(row.amount for row in sold_vouchers) - redeemed
    assert -booked.get("vouchers-payable", 0) == owed
    vat = sum(row.amount for row in sales if row.kind in ("vat", "order_vat"))
    assert -booked.get("vat-output", 0) == vat


def test_a_voucher_is_owed_from_its_sale_until_it_is_redeemed() -> None:
    """Sold for cash, which is in the drawer as paid in, and by bank transfer; a meal and a tip on it."""
    booked = bookings(
        [Sold("item", 2_000, 1_200), Sold("vat", 2_000, 200)],
        [Taken("other", "voucher", 1_200, 100, by_voucher=True)],
        [Moved("paid-in", 3_500)],
        0,
        [VouchersSold("cash", None, 3_000), VouchersSold("other", "transfer", 2_000)],
    )
    assert {line.account: line.amount for line in booked} == {
        "sales-20": -1_000,
        "vat-output": -200,
        "vouchers-payable": -5_000 + 1_300,
        "tips-payable": -100,
        "cash": 3_500,
        "cash-paid-in": -500,
        "other-transfer": 2_000,
    }


def test_a_deposit_that_is_counted_is_owed_no_more_and_somebodys_voucher_is_no_debt_of_ours() -> (
    None
):
    sold = [Sold("item", 0, 1_500)]
    taken = [Taken("other", "deposit", 1_000, 0), Taken("other", "voucher", 500, 0)]
    booked = {line.account: line.amount for line in bookings(sold, taken, [], 0)}
    assert booked == {"sales-0": -1_500, "deposits-payable": 1_000, "other-voucher": 500}


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
