"""Money that went back of payments: a row for each time."""

from typing import Any

from sqlalchemy import BigInteger, bindparam, cast, func, insert, select, update

from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import payment, payment_refund
from epos.store.visibility import VENUE

_REFUND = payment_refund.c
_INSERT = Statement(
    insert(payment_refund),
    columns=[column.name for column in _REFUND if column.name != "day"],
)
_PAID = payment.c.refunded_paid + bindparam("paid")
_TIPS = payment.c.refunded_tips + bindparam("tips")
_ADD = Statement(
    update(payment)
    .where(payment.c.venue_id == VENUE, payment.c.id == bindparam("payment_id"))
    .values(
        refunded_paid=_PAID,
        refunded_tips=_TIPS,
        refunded_amount=func.greatest(payment.c.refunded_amount, _PAID + _TIPS),
    )
)
_CREDITED = Statement(
    select(cast(func.coalesce(func.sum(_REFUND.credited), 0), BigInteger).label("credited")).where(
        _REFUND.venue_id == VENUE, _REFUND.payment_id == bindparam("payment_id")
    )
)
_OF_ORDER = Statement(
    select(
        *(column for column in _REFUND if column.name not in ("venue_id", "event_id")),
        payment.c.source,
        payment.c.method,
    )
    .join_from(
        payment_refund,
        payment,
        (payment.c.venue_id == VENUE) & (payment.c.id == _REFUND.payment_id),
    )
    .where(_REFUND.venue_id == VENUE, _REFUND.order_id == bindparam("order_id"))
    .order_by(_REFUND.at, _REFUND.id)
)


class RefundRepository(Repository):
    async def add(self, payment_id: str, amount: int, tips: int, **columns: Any) -> None:
        """Add a refund of `amount`, `tips` of it from the tip, to its payment, which counts so much less.

        The columns: id, order_id, credited (by so much the order's total becomes smaller), taken_off
        (that by VAT rate, as JSON), at, reason, waiter_id and event_id. Call with the order locked.
        """
        await self._run(_INSERT, payment_id=payment_id, amount=amount, tips=tips, **columns)
        await self._run(_ADD, payment_id=payment_id, paid=amount - tips, tips=tips)

    async def credited(self, payment_id: str) -> int:
        """By how much the order's total became smaller for this payment's refunds."""
        credited: int = await self._value(_CREDITED, payment_id=payment_id)
        return credited

    async def of_order(self, order_id: str) -> list[Record]:
        """The refunds of an order's payments, oldest first."""
        return await self._all(_OF_ORDER, order_id=order_id)
