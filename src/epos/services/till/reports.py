"""Reports over a range of business days, and a journal for a bookkeeper."""

import asyncio
from collections import defaultdict
from datetime import date

from epos.domain.bookkeeping import Moved, Sold, Taken, VouchersSold, bookings
from epos.domain.errors import InvalidRequest
from epos.domain.requester import Requester
from epos.services.till.cash_drawers import date_of
from epos.services.till.unit_of_work import change_set_up, note_change
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.reports import (
    Account,
    Journal,
    JournalLine,
    RangeQuery,
    RangeReport,
    RangeReportQuery,
    RangeRow,
    SetAccounts,
)
from epos.till_contract.vouchers import VoucherFigures

_MOST_DAYS = 400
_SUMMED = (
    *("count", "items", "discounts", "refunds", "dojoOrders", "serviceCharge", "sales", "vat"),
    *("payments", "paid", "tips", "total"),
)


class Reports:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_range(self, query: RangeReportQuery, requester: Requester) -> RangeReport:
        """Raises InvalidRequest for what is no range of days."""
        first, last = _range(query)
        async with self._database.snapshot(requester.venue_id) as store:
            venue = await store.venue.profile()
            rows = await _rows(store, query.by, first, last)
            vouchers = await store.vouchers.figures(first, last)
            deposits = await store.range_figures.deposits(first, last)
        return RangeReport.model_construct(
            fromDay=first,
            toDay=last,
            by=query.by,
            venue=venue.name,
            currency=venue.currency,
            rows=rows,
            sum=_sum(rows),
            vouchers=VoucherFigures.model_construct(**vouchers),
            depositsCounted=deposits,
        )

    async def journal(self, query: RangeQuery, requester: Requester) -> Journal:
        """Debits and credits of each day. Raises InvalidRequest for what is no range of days."""
        first, last = _range(query)
        async with self._database.snapshot(requester.venue_id) as store:
            venue = await store.venue.profile()
            found = await store.range_figures.journal(first, last)
            codes = {row["name"]: row["code"] for row in await store.range_figures.accounts()}
        lines = await asyncio.to_thread(_journal_lines, found, codes)
        return Journal.model_construct(
            fromDay=first,
            toDay=last,
            currency=venue.currency,
            lines=lines,
            debits=sum(line.debit for line in lines),
            credits=sum(line.credit for line in lines),
        )

    async def accounts(self, requester: Requester) -> list[Account]:
        async with self._database.read(requester.venue_id) as store:
            return await _accounts(store)

    async def set_accounts(self, request: SetAccounts, requester: Requester) -> list[Account]:
        """Replace all codes. Raises InvalidRequest for an account that is named twice."""
        codes = {account.name: account.code for account in request.accounts}
        if len(codes) < len(request.accounts):
            raise InvalidRequest("accounts", "must not name an account twice")

        async def work(store: VenueStore) -> list[Account]:
            await store.range_figures.set_accounts(codes)
            now = await store.venue.now()
            venue_id = requester.venue_id
            await note_change(store, requester, now, "accounts.changed", venue_id)
            return await _accounts(store)

        return await change_set_up(self._database, requester, work)


def _range(query: RangeQuery) -> tuple[date, date]:
    first = _day("fromDay", query.fromDay)
    last = first if query.toDay is None else _day("toDay", query.toDay)
    if last < first:
        raise InvalidRequest("toDay", "must not be before fromDay")
    if (last - first).days >= _MOST_DAYS:
        raise InvalidRequest("toDay", f"must be less than {_MOST_DAYS} days after fromDay")
    return first, last


def _day(field: str, text: str) -> date:
    try:
        return date_of(text)
    except InvalidRequest:
        raise InvalidRequest(field, "must be a date such as 2026-11-25") from None


async def _accounts(store: VenueStore) -> list[Account]:
    return [
        Account.model_construct(name=row["name"], code=row["code"])
        for row in await store.range_figures.accounts()
    ]


async def _rows(store: VenueStore, by: str, first: date, last: date) -> list[RangeRow]:
    figures = store.range_figures
    if by == "item":
        return [
            RangeRow.model_construct(
                key=row["key"], name=row["name"], count=row["count"], items=row["items"]
            )
            for row in await figures.items(first, last)
        ]
    if by in ("device", "tender"):
        return [_money(row) for row in await figures.takings_by(by, first, last)]
    return [_sales(row, by) for row in await figures.sales_by(by, first, last)]


def _money(row: Record) -> RangeRow:
    return RangeRow.model_construct(
        key=row["key"],
        payments=row["payments"],
        paid=row["paid"],
        tips=row["tips"],
        total=row["paid"] + row["tips"],
    )


def _sales(row: Record, by: str) -> RangeRow:
    return RangeRow.model_construct(
        key=row["key"],
        name=row["name"],
        count=row["count"],
        items=row["items"],
        discounts=row["discounts"],
        refunds=row["refunds"],
        dojoOrders=row["dojo_orders"],
        serviceCharge=row["service_charge"],
        sales=row["sales"],
        vat=None if by == "category" else row["vat"],
    )


def _sum(rows: list[RangeRow]) -> RangeRow:
    values = {name: [getattr(row, name, None) for row in rows] for name in _SUMMED}
    known = {name: [one for one in of if one is not None] for name, of in values.items()}
    return RangeRow.model_construct(
        _fields_set=None, **{name: sum(of) for name, of in known.items() if of}
    )


# --- the journal ----------------------------------------------------------------------------------

Found = dict[str, list[Record]]


def _journal_lines(found: Found, codes: dict[str, str]) -> list[JournalLine]:
    by_day: dict[date, Found] = defaultdict(lambda: defaultdict(list))
    for name, rows in found.items():
        for row in rows:
            by_day[row["day"]][name].append(row)
    return [line for day in sorted(by_day) for line in _lines(day, by_day[day], codes)]


def _lines(day: date, of_day: Found, codes: dict[str, str]) -> list[JournalLine]:
    booked = bookings(
        [Sold(row["kind"], row["vat_rate"], row["amount"]) for row in of_day["sold"]],
        [
            Taken(row["source"], row["method"], row["paid"], row["tips"], row["by_voucher"])
            for row in of_day["taken"]
        ],
        [Moved(row["type"], row["amount"]) for row in of_day["moved"]],
        sum(row["more"] or 0 for row in of_day["counted"]),
        [VouchersSold(row["source"], row["method"], row["amount"]) for row in of_day["vouchers"]],
    )
    return [
        JournalLine.model_construct(
            day=day,
            name=line.account,
            account=codes.get(line.account, line.account),
            debit=max(line.amount, 0),
            credit=max(-line.amount, 0),
        )
        for line in booked
    ]
