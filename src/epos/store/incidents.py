"""What was taken off, given away, given back or opened again."""

from datetime import date

from sqlalchemy import insert, text

from epos.domain.incidents import Incident
from epos.store.orders import OrderRow
from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import incident

_TODAY = Statement(text("SELECT today, at FROM current_business_day(:venue_id, true)"))
_ADD = Statement(insert(incident), columns=[c.name for c in incident.c if c.name != "id"])
_OF_DAY = Statement(
    text("""
    SELECT incident.kind, incident.order_id, incident.reference, dining_table.name AS table_name,
           incident.amount, incident.count, incident.reason, incident.at,
           coalesce(waiter.name, incident.waiter_id) AS waiter,
           coalesce(manager.name, incident.approved_by) AS manager
    FROM incident
        LEFT JOIN dining_table
            ON dining_table.venue_id = :venue_id AND dining_table.id = incident.table_id
        LEFT JOIN waiter ON waiter.venue_id = :venue_id AND waiter.id = incident.waiter_id
        LEFT JOIN waiter AS manager
            ON manager.venue_id = :venue_id AND manager.id = incident.approved_by
    WHERE incident.venue_id = :venue_id AND incident.day = :day
    ORDER BY incident.id
    """)
)


class IncidentRepository(Repository):
    async def add(
        self,
        order: OrderRow,
        what: Incident,
        *,
        waiter_id: str | None = None,
        approved_by: str | None = None,
    ) -> None:
        """Enter it on the current business day. Call in the transaction of the change, after its locks."""
        now = await self._first(_TODAY)
        assert now is not None, "a function answers a row"  # noqa: S101
        await self._run(
            _ADD,
            day=now["today"],
            at=now["at"],
            kind=what.kind,
            order_id=order.id,
            reference=order.reference,
            table_id=order.table_id,
            amount=what.amount,
            count=what.count,
            reason=what.reason,
            waiter_id=waiter_id,
            approved_by=approved_by,
        )

    async def of_day(self, day: date) -> list[Record]:
        """In the order in which they happened, with the names of table, waiter and manager."""
        return await self._all(_OF_DAY, day=day)
