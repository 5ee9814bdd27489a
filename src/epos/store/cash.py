"""Cash drawers: what went in and out of them on a day."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, text

from epos.domain.cash import MAIN_DRAWER
from epos.domain.requester import Requester
from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import cash_movement, drawer_z

_ADD = Statement(insert(cash_movement), columns=[c.name for c in cash_movement.c if c.name != "id"])
_RULES = Statement(
    text("SELECT has_drawer_per_device, cash_needs_approval FROM venue WHERE id = :venue_id")
)
_MOVEMENTS = Statement(
    text("""
    SELECT type, drawer, amount, reason, at,
           coalesce(waiter.name, cash_movement.waiter_id) AS waiter,
           coalesce(manager.name, cash_movement.approved_by) AS manager
    FROM cash_movement
        LEFT JOIN waiter ON waiter.venue_id = :venue_id AND waiter.id = cash_movement.waiter_id
        LEFT JOIN waiter AS manager
            ON manager.venue_id = :venue_id AND manager.id = cash_movement.approved_by
    WHERE cash_movement.venue_id = :venue_id AND day = :day
    ORDER BY cash_movement.id
    """)
)
_TAKINGS = Statement(
    text(f"""
    SELECT coalesce(CASE WHEN venue.has_drawer_per_device THEN payment.device_id END,
                    '{MAIN_DRAWER}') AS drawer,
           CAST(coalesce(sum(paid + tips) FILTER (WHERE paid + tips > 0), 0) AS bigint) AS taken,
           CAST(coalesce(-sum(paid + tips) FILTER (WHERE paid + tips < 0), 0) AS bigint)
               AS given_back
    FROM takings_entry
        JOIN venue ON venue.id = :venue_id
        JOIN payment
            ON payment.venue_id = :venue_id AND payment.id = takings_entry.payment_id
    WHERE takings_entry.venue_id = :venue_id AND day = :day AND takings_entry.source = 'cash'
    GROUP BY 1
    """)  # noqa: S608 - a constant of ours
)
_ADD_Z = Statement(insert(drawer_z), columns=[column.name for column in drawer_z.c])
_ZS = Statement(
    text("""
    SELECT drawer_z.*, coalesce(waiter.name, closed_by) AS closed_by_name
    FROM drawer_z
        LEFT JOIN waiter ON waiter.venue_id = :venue_id AND waiter.id = closed_by
    WHERE drawer_z.venue_id = :venue_id AND drawer_z.day = :day
    ORDER BY drawer_z.drawer, drawer_z.number
    """)
)
_NEXT_Z_NUMBER = Statement(
    text("""
    SELECT coalesce(max(number), 0) + 1 FROM drawer_z
    WHERE venue_id = :venue_id AND drawer = :drawer
    """)
)
_OPEN_DAY_WITH_CASH = Statement(
    text("""
    WITH closed AS (SELECT coalesce(max(day), '-infinity') AS last FROM business_day
                    WHERE venue_id = :venue_id AND closed_at IS NOT NULL)
    SELECT least(
        (SELECT min(day) FROM business_day, closed
         WHERE venue_id = :venue_id AND closed_at IS NULL AND day > last AND opening_float <> 0),
        (SELECT min(day) FROM takings_entry, closed
         WHERE venue_id = :venue_id AND day > last AND source = 'cash'),
        (SELECT min(day) FROM cash_movement, closed
         WHERE venue_id = :venue_id AND day > last),
        (SELECT min(day) FROM drawer_z, closed
         WHERE venue_id = :venue_id AND day > last))
    """)
)
# Each drawer that was used on a closed day has a Z of it.
_IS_KNOWN = Statement(
    text("""
    WITH closed AS (SELECT coalesce(max(day), '-infinity') AS last FROM business_day
                    WHERE venue_id = :venue_id AND closed_at IS NOT NULL)
    SELECT EXISTS (SELECT FROM drawer_z WHERE venue_id = :venue_id AND drawer = :drawer)
        OR EXISTS (SELECT FROM cash_movement, closed
                   WHERE venue_id = :venue_id AND day > last AND drawer = :drawer)
        OR EXISTS (SELECT FROM closed, takings_entry
                       JOIN payment ON payment.venue_id = :venue_id
                           AND payment.id = takings_entry.payment_id
                   WHERE takings_entry.venue_id = :venue_id AND day > last
                       AND takings_entry.source = 'cash' AND payment.device_id = :drawer)
    """)
)


class CashRepository(Repository):
    async def rules(self) -> Record:
        """`has_drawer_per_device` and `cash_needs_approval` of the venue."""
        row = await self._first(_RULES)
        if row is None:
            raise LookupError(self._venue_id)
        return row

    async def add(self, requester: Requester, day: date, at: datetime, **columns: Any) -> None:
        """Enter a movement: `type`, `drawer`, `amount`, `reason` and `approved_by`. Call while the day
        cannot be closed (`DayRepository.share_lock`).
        """
        await self._run(
            _ADD,
            day=day,
            at=at,
            waiter_id=requester.waiter_id,
            device_id=requester.device_id,
            **columns,
        )

    async def movements(self, day: date) -> list[Record]:
        """In the order in which they happened, with the names of waiter and manager."""
        return await self._all(_MOVEMENTS, day=day)

    async def takings(self, day: date) -> list[Record]:
        """Cash that was `taken` and `given_back`, with tips, by `drawer`: that which took the payment."""
        return await self._all(_TAKINGS, day=day)

    async def open_day_with_cash(self) -> date | None:
        """The first day that is not closed and has cash in it: a float, takings, a movement, or a Z of a
        drawer. Call it behind `DayRepository.lock_for_close`, so that no cash is under way.
        """
        found: date | None = await self._value(_OPEN_DAY_WITH_CASH)
        return found

    async def is_known(self, drawer: str) -> bool:
        """Whether cash was in the drawer of this device, or the drawer was counted."""
        known: bool = await self._value(_IS_KNOWN, drawer=drawer)
        return known

    async def zs(self, day: date) -> list[Record]:
        """The closings of all drawers on the day, by drawer and number, with the name of who closed."""
        return await self._all(_ZS, day=day)

    async def add_z(self, day: date, at: datetime, drawer: str, **columns: Any) -> int:
        """Enter that a drawer was closed, and answer its number.

        Call behind `DayRepository.lock_for_close`: nobody else takes the number, and no cash is under way.
        """
        number: int = await self._value(_NEXT_Z_NUMBER, drawer=drawer)
        await self._run(_ADD_Z, day=day, at=at, drawer=drawer, number=number, **columns)
        return number
