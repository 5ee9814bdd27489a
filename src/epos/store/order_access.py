"""Whether a waiter may see an order that has been found.

Not a condition of the statement that finds the order: with it PostgreSQL planned that statement anew for
every request, which took longer than all the rest of it (decision 0014).
"""

from sqlalchemy import bindparam, exists, select

from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import dining_table
from epos.store.tables.base import Key
from epos.store.visibility import may_see_everything, visible_tables

_WAITER = bindparam("requester_waiter_id", type_=Key)
_TABLE = bindparam("table_id", type_=Key)

SEES_EVERYTHING = may_see_everything(_WAITER).label("sees_everything")
"""For a statement that reads an order: the answer for most venues, without another one."""
_SEES_EVERYTHING = Statement(select(SEES_EVERYTHING))
_SEES_TABLE = Statement(
    select(exists(visible_tables(_WAITER).where(dining_table.c.id == _TABLE)).label("sees_table"))
)


class OrderAccess(Repository):
    """The rule of `visibility.sees_order`, for one order."""

    async def sees(self, order: Record, waiter_id: str) -> bool:
        """`order` has its waiter_id and table_id, and sees_everything if that was asked for."""
        everything: bool | None = order.get("sees_everything")
        if order["waiter_id"] == waiter_id or everything:
            return True
        if order["waiter_id"] is not None:
            return everything is None and await self.sees_everything(waiter_id)
        if order["table_id"] is None:
            return True
        sees_table: bool = await self._value(
            _SEES_TABLE, requester_waiter_id=waiter_id, table_id=order["table_id"]
        )
        return sees_table

    async def _seen(
        self, by_id: Statement, by_id_for_waiter: Statement, order_id: str, waiter_id: str | None
    ) -> Record | None:
        """The order; None if `waiter_id` is given and may not see it.

        `by_id_for_waiter` is `by_id` with SEES_EVERYTHING, which who asks as nobody need not pay for.
        """
        if waiter_id is None:
            return await self._first(by_id, order_id=order_id)
        row = await self._first(by_id_for_waiter, order_id=order_id, requester_waiter_id=waiter_id)
        return row if row is not None and await self.sees(row, waiter_id) else None

    async def sees_everything(self, waiter_id: str) -> bool:
        sees: bool = await self._value(_SEES_EVERYTHING, requester_waiter_id=waiter_id)
        return sees
