"""Reports over a range of business days, and a journal for a bookkeeper."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from epos.contract.base import Answer, ClosedRequest, Id, Wording
from epos.till_contract.base import KeyedRequest, Name
from epos.till_contract.vouchers import VoucherFigures

Form = Annotated[Literal["json", "csv", "page"], Wording("must be json, csv or page")]
SalesGroup = Literal["day", "category", "item", "hour", "waiter", "area", "vat-rate"]
MoneyGroup = Literal["device", "tender"]
_GROUPS = "must be day, category, item, hour, waiter, area, vat-rate, device or tender"


class RangeQuery(ClosedRequest):
    """The days of a report, and its form."""

    fromDay: Id
    """The first business day, as in `2024-08-12`."""
    toDay: Id | None = None
    """The last business day. If it is not sent: the first one."""
    format: Form = "json"
    """`json`, `csv`, or `page` to be printed. The default is `json`."""


class RangeReportQuery(RangeQuery):
    """The days of a report, what it sums by, and its form."""

    by: Annotated[SalesGroup | MoneyGroup, Wording(_GROUPS)] = "day"
    """What the report has a row for: a day, a category, an item, an hour, a waiter, an area, a VAT rate;
    or, for the money that was taken, a device or a kind of payment (`tender`).
    """


class RangeRow(Answer):
    """The sums of one row, in minor units. Of sales: `count` to `vat`. Of money: `payments` to `total`."""

    key: str | None = None
    """What the row is of: the day, the category, the item's PLU, the hour (`19`), the id of the waiter,
    area or device, the VAT rate in hundredths of a percent, or the kind of payment. Absent: what has none.
    """
    name: str | None = None
    """The name of the item, the waiter or the area."""
    count: int | None = None
    """How many items and Dojo orders were sold."""
    items: int | None = None
    """What items cost before discounts, with VAT; below 0 where more was taken back than sold."""
    discounts: int | None = None
    """The discounts: 0 or less."""
    refunds: int | None = None
    """What card payments gave back and nobody has explained: 0 or less."""
    dojoOrders: int | None = None
    """The orders that came from Dojo."""
    serviceCharge: int | None = None
    """The service charge."""
    sales: int | None = None
    """All of it. Absent by item."""
    vat: int | None = None
    """The VAT in the sales. Absent by category and by item."""
    payments: int | None = None
    """How many payments were made."""
    paid: int | None = None
    """What was paid, without tips, less what went back."""
    tips: int | None = None
    """The tips, less what went back."""
    total: int | None = None
    """`paid` plus `tips`."""


class RangeReport(Answer):
    """A report over business days, closed or not."""

    fromDay: dt.date
    """The first business day."""
    toDay: dt.date
    """The last business day."""
    by: str
    """What the rows are of."""
    venue: str
    """The venue's name."""
    currency: str
    """The venue's currency, as its ISO 4217 code."""
    rows: list[RangeRow]
    """The rows."""
    sum: RangeRow
    """The sums of all rows."""
    vouchers: VoucherFigures
    """Vouchers and gift cards: what was sold and redeemed on these days, and what is owed now."""
    depositsCounted: int
    """What deposits of parties paid on tabs, in minor units, less what was taken back."""


class JournalLine(Answer):
    """A debit or a credit. Amounts are minor units."""

    day: dt.date
    """The business day."""
    name: str
    """The account, such as `cash`, `card`, `other-cheque`, `sales-20`, `vat-output`, `tips-payable`,
    `vouchers-payable`, `deposits-payable` or `guests-owe`.
    """
    account: str
    """The bookkeeper's code of the account. The name, if the venue has set none."""
    debit: int
    """The debit, or 0."""
    credit: int
    """The credit, or 0."""


class Journal(Answer):
    """A bookkeeper's journal of business days. On each day the debits are the credits."""

    fromDay: dt.date
    """The first business day."""
    toDay: dt.date
    """The last business day."""
    currency: str
    """The venue's currency, as its ISO 4217 code."""
    lines: list[JournalLine]
    """The lines, day by day."""
    debits: int
    """The sum of the debits in minor units."""
    credits: int
    """The sum of the credits in minor units."""


class AccountCode(ClosedRequest):
    """What the bookkeeper calls an account of the journal."""

    name: Id
    """The account, as the journal names it."""
    code: Name
    """The bookkeeper's code."""


class SetAccounts(KeyedRequest):
    """The codes of all accounts. An account that is left out keeps its name."""

    accounts: Annotated[list[AccountCode], Field(max_length=200)]
    """The codes."""


class Account(Answer):
    """What the bookkeeper calls an account of the journal."""

    name: str
    """The account, as the journal names it."""
    code: str
    """The bookkeeper's code."""
