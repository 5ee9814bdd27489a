"""A bookkeeper's journal of business days: what was sold and taken, as debits and credits that balance."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from epos.domain.payments import DEPOSIT

CARD, CASH, TIPS, GUESTS_OWE = "card", "cash", "tips-payable", "guests-owe"
VAT, DOJO_SALES, SERVICE_CHARGE = "vat-output", "sales-dojo", "service-charge"
VOUCHERS, DEPOSITS = "vouchers-payable", "deposits-payable"
UNTAXED, SAFE, PAID_IN, PAID_OUT, OVER_SHORT = (
    "sales-untaxed",
    "safe",
    "cash-paid-in",
    "cash-paid-out",
    "cash-over-short",
)


@dataclass(frozen=True, slots=True)
class Sold:
    """What was sold of one kind at one VAT rate, in minor units; `kind` as in the journal of sales."""

    kind: str
    vat_rate: int | None
    amount: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken by one way of paying, less what went back, in minor units."""

    source: str
    method: str | None
    paid: int
    tips: int
    by_voucher: bool = False
    """Whether it was redeemed of vouchers that the venue had sold."""


@dataclass(frozen=True, slots=True)
class VouchersSold:
    """What vouchers were sold for by one way of paying, in minor units; `source` is `cash` or `other`."""

    source: str
    method: str | None
    amount: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Cash that moved beside payments, in minor units: `paid-in`, `paid-out` or `to-safe`."""

    kind: str
    amount: int


@dataclass(frozen=True, slots=True)
class Booking:
    """One line of the journal: a debit if `amount` is more than 0, else a credit."""

    account: str
    amount: int


def bookings(
    sold: Iterable[Sold],
    taken: Iterable[Taken],
    moved: Iterable[Moved],
    counted_more: int,
    vouchers: Iterable[VouchersSold] = (),
) -> list[Booking]:
    """The lines of one day, one for each account; their amounts sum to 0.

    `counted_more`: counted cash less expected cash. Tips are owed to the staff, VAT to the tax office,
    vouchers to those who have them until they are redeemed. A deposit that is counted on a bill is not owed
    to the guest any more. What was sold and not paid yet is owed by the guests.
    """
    sums: dict[str, int] = defaultdict(int)
    lines = (
        *_sales(list(sold)),
        *_takings(taken),
        *_vouchers(vouchers),
        *_cash(moved, counted_more),
    )
    for line in lines:
        sums[line.account] += line.amount
    sums[GUESTS_OWE] -= sum(sums.values())
    return [Booking(account, amount) for account, amount in sums.items() if amount]


def _sales(sold: list[Sold]) -> Iterator[Booking]:
    for row in sold:
        match row.kind:
            case "vat":
                yield Booking(VAT, -row.amount)
                yield Booking(_sales_account(row.vat_rate), row.amount)
            case "order_vat" | "derived_vat":
                yield Booking(VAT, -row.amount)
                yield Booking(DOJO_SALES, row.amount)
            case "order":
                yield Booking(DOJO_SALES, -row.amount)
            case "service_charge" if row.vat_rate is None:
                yield Booking(SERVICE_CHARGE, -row.amount)
            case "item" | "discount" | "refund" | "service_charge":
                yield Booking(_sales_account(row.vat_rate), -row.amount)


def _sales_account(vat_rate: int | None) -> str:
    return UNTAXED if vat_rate is None else f"sales-{vat_rate / 100:g}"


def _takings(taken: Iterable[Taken]) -> Iterator[Booking]:
    for row in taken:
        yield Booking(_way(row), row.paid + row.tips)
        yield Booking(TIPS, -row.tips)


def _way(row: Taken) -> str:
    if row.by_voucher:
        return VOUCHERS
    if row.method == DEPOSIT:
        return DEPOSITS
    return {"dojo": CARD, "cash": CASH}.get(row.source) or f"other-{row.method}"


def _vouchers(sold: Iterable[VouchersSold]) -> Iterator[Booking]:
    """Cash for a voucher is in the drawer as paid in: here it is named for what it was paid in."""
    for row in sold:
        yield Booking(PAID_IN if row.source == "cash" else f"other-{row.method}", row.amount)
        yield Booking(VOUCHERS, -row.amount)


def _cash(moved: Iterable[Moved], counted_more: int) -> Iterator[Booking]:
    others = {"paid-in": (PAID_IN, 1), "paid-out": (PAID_OUT, -1), "to-safe": (SAFE, -1)}
    for row in moved:
        other, sign = others[row.kind]
        yield Booking(CASH, sign * row.amount)
        yield Booking(other, -sign * row.amount)
    yield Booking(CASH, counted_more)
    yield Booking(OVER_SHORT, -counted_more)
