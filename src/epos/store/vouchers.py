"""Vouchers that were sold, and what is left of them."""

from datetime import date
from typing import Any

from sqlalchemy import text

from epos.store.busy_rows import take_row
from epos.store.repository import Repository
from epos.store.statements import Record, Statement

_SELL = Statement(
    text("""
    INSERT INTO voucher (venue_id, id, at, amount, source, method, waiter_id)
    VALUES (:venue_id, :id, :at, :amount, :source, :method, :waiter_id)
    ON CONFLICT DO NOTHING RETURNING id
    """)
)
_ONE = Statement(
    text("""
    SELECT id, day, at, amount, redeemed, source, method FROM voucher
    WHERE venue_id = :venue_id AND id = :id
    """)
)
_LOCK = Statement(
    text("""
    SELECT amount - redeemed AS left FROM voucher
    WHERE venue_id = :venue_id AND id = :id FOR NO KEY UPDATE
    """)
)
_FIGURES = Statement(
    text("""
    SELECT CAST(coalesce((SELECT sum(amount) FROM voucher
                          WHERE venue_id = :venue_id
                              AND day BETWEEN :first AND :last), 0) AS bigint) AS sold,
           CAST(coalesce((SELECT sum(entry.paid + entry.tips)
                          FROM takings_entry AS entry JOIN payment
                              ON payment.venue_id = :venue_id AND payment.id = entry.payment_id
                          WHERE entry.venue_id = :venue_id
                              AND entry.day BETWEEN :first AND :last
                              AND payment.voucher_id IS NOT NULL), 0) AS bigint) AS redeemed,
           CAST(coalesce((SELECT sum(amount - redeemed) FROM voucher
                          WHERE venue_id = :venue_id AND amount > redeemed), 0) AS bigint)
               AS outstanding
    """)
)


class VoucherRepository(Repository):
    async def sell(self, **columns: Any) -> bool:
        """False if the code was sold before. Columns: id, at, amount, source, method, waiter_id."""
        return await self._value(_SELL, **columns) is not None

    async def get(self, code: str) -> Record | None:
        return await self._first(_ONE, id=code)

    async def lock(self, code: str) -> int | None:
        """What is left of the voucher, which is locked until the transaction ends. None: unknown."""
        take_row(f"voucher {code}")
        left: int | None = await self._value(_LOCK, id=code)
        return left

    async def figures(self, first: date, last: date) -> Record:
        """What was `sold` and `redeemed` on these days, and what is `outstanding` now."""
        row = await self._first(_FIGURES, first=first, last=last)
        assert row is not None, "sums always answer a row"  # noqa: S101
        return row
