"""Whether a waiter may see an order that was read.

This is no condition of the statement that reads the order: PostgreSQL would plan that statement again for
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
"""A column for a statement that reads an order; for most venues it makes a second one unnecessary."""
_SEES_EVERYTHING = Statement(select(SEES_EVERYTHING))
_SEES_TABLE = Statement(
    select(exists(visible_tables(_WAITER).where(dining_table.c.id == _TABLE)).label("sees_table"))
)


class OrderAccess(Repository):
    """The rule of `visibility.sees_order`, for one order."""

    async def _sees(
        self,
        owner_id: str | None,
        table_id: str | None,
        waiter_id: str,
        *,
        everything: bool | None = None,
    ) -> bool:
        """`owner_id`: the order's own waiter. `everything`: what SEES_EVERYTHING said, if it was read."""
        if owner_id == waiter_id or everything:
            return True
        if owner_id is not None:
            return everything is None and await self.sees_everything(waiter_id)
        if table_id is None:
            return True
        sees_table: bool = await self._value(
            _SEES_TABLE, requester_waiter_id=waiter_id, table_id=table_id
        )
        return sees_table

    async def _seen(
        self, by_id: Statement, by_id_for_waiter: Statement, order_id: str, waiter_id: str | None
    ) -> Record | None:
        """The order; None if `waiter_id` is given and may not see it.

        `by_id_for_waiter` is `by_id` with the column SEES_EVERYTHING, needed only with a waiter.
        """
        if waiter_id is None:
            return await self._first(by_id, order_id=order_id)
        row = await self._first(by_id_for_waiter, order_id=order_id, requester_waiter_id=waiter_id)
        if row is None:
            return None
        owner_id, everything = row["waiter_id"], row["sees_everything"]
        is_seen = await self._sees(owner_id, row["table_id"], waiter_id, everything=everything)
        return row if is_seen else None

    async def sees_everything(self, waiter_id: str) -> bool:
        sees: bool = await self._value(_SEES_EVERYTHING, requester_waiter_id=waiter_id)
        return sees
