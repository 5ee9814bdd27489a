"""Receipts that were given to guests, with their running numbers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, select, text

from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import receipt
from epos.store.visibility import VENUE

_RECEIPT = receipt.c
_PAPER = select(_RECEIPT.number, _RECEIPT.title, _RECEIPT.body, _RECEIPT.order_id)
_FIND = Statement(
    _PAPER.where(
        _RECEIPT.venue_id == VENUE,
        _RECEIPT.order_id == bindparam("order_id"),
        _RECEIPT.fingerprint == bindparam("fingerprint"),
    )
)
_BY_NUMBER = Statement(
    _PAPER.where(_RECEIPT.venue_id == VENUE, _RECEIPT.number == bindparam("number"))
)
_OF_ORDER = Statement(
    select(_RECEIPT.number, _RECEIPT.kind, _RECEIPT.at, _RECEIPT.customer, _RECEIPT.refunds)
    .where(_RECEIPT.venue_id == VENUE, _RECEIPT.order_id == bindparam("order_id"))
    .order_by(_RECEIPT.number)
)
_OF_DAY = Statement(
    select(
        func.count().label("count"),
        func.min(_RECEIPT.number).label("first"),
        func.max(_RECEIPT.number).label("last"),
    ).where(_RECEIPT.venue_id == VENUE, _RECEIPT.day == bindparam("day"))
)
# Triggers give the day and the number.
_ISSUE = Statement(
    text("""
    INSERT INTO receipt (venue_id, order_id, kind, at, fingerprint, title, body, customer, refunds)
    VALUES (:venue_id, :order_id, :kind, :at, :fingerprint, :title, :body, :customer, :refunds)
    RETURNING number
    """)
)


class ReceiptRepository(Repository):
    async def find(self, order_id: str, fingerprint: str) -> Record | None:
        """`number`, `title` and `body` of the receipt that says the same of this order."""
        return await self._first(_FIND, order_id=order_id, fingerprint=fingerprint)

    async def get(self, number: int) -> Record | None:
        """The same, and its `order_id`, by the number."""
        return await self._first(_BY_NUMBER, number=number)

    async def of_order(self, order_id: str) -> list[Record]:
        """`number`, `kind`, `at`, `customer` and `refunds` of the papers of an order, in their order."""
        return await self._all(_OF_ORDER, order_id=order_id)

    async def of_day(self, day: date) -> Record:
        """How many were given out on the day, the `first` number and the `last`."""
        row = await self._first(_OF_DAY, day=day)
        assert row is not None, "an aggregate always answers a row"  # noqa: S101
        return row

    async def issue(self, at: datetime, **columns: Any) -> int:
        """Insert a receipt and answer its number, the venue's next one.

        Call it last, with the order locked: every other receipt of the venue waits for this transaction.
        If it ends without a commit, the next one gets the number. Columns: order_id, kind, fingerprint,
        title, body, customer, refunds.
        """
        number: int = await self._value(_ISSUE, at=at, **columns)
        return number
