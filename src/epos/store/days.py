"""Business days: the current one, and those that staff opened or closed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from epos.store.repository import Repository
from epos.store.statements import Record, Statement

_LISTED_DAYS = 62

# A write comes first: while it is not committed, the venue's rows are not moved to another node.
_STAY = Statement(text("UPDATE venue SET version = version WHERE id = :venue_id"))
_LOCK = Statement(text("SELECT id FROM venue WHERE id = :venue_id FOR UPDATE"))
_SHARE_LOCK = Statement(text("SELECT today, begun, at FROM current_business_day(:venue_id, true)"))
_CURRENT = Statement(text("SELECT today, begun, at FROM current_business_day(:venue_id, false)"))
_HOURS = Statement(
    text("""
    SELECT business_day_start(:day, time_zone, closing_time) AS begins,
           business_day_start(CAST(:day AS date) + 1, time_zone, closing_time) AS ends
    FROM venue WHERE id = :venue_id
    """)
)
_ONE = Statement(
    text("""
    SELECT day, opened_at, opened_by, opening_float, closed_at, closed_by, counted_cash, report,
           z_number
    FROM business_day WHERE venue_id = :venue_id AND day = :day
    """)
)
_RECENT = Statement(
    text(f"""
    SELECT listed.day, opened_at, opened_by, opening_float, closed_at, closed_by, counted_cash
    FROM (SELECT CAST(CAST(:today AS date) - back AS date) AS day
          FROM generate_series(-1, {_LISTED_DAYS}) AS back) AS listed
        LEFT JOIN business_day
            ON business_day.venue_id = :venue_id AND business_day.day = listed.day
    WHERE business_day.day IS NOT NULL
        OR listed.day = :today
        OR EXISTS (SELECT FROM sale_entry WHERE venue_id = :venue_id AND day = listed.day)
        OR EXISTS (SELECT FROM takings_entry WHERE venue_id = :venue_id AND day = listed.day)
        OR EXISTS (SELECT FROM cash_movement WHERE venue_id = :venue_id AND day = listed.day)
        OR EXISTS (SELECT FROM incident WHERE venue_id = :venue_id AND day = listed.day)
        OR EXISTS (SELECT FROM voucher WHERE venue_id = :venue_id AND day = listed.day)
        OR EXISTS (SELECT FROM drawer_z WHERE venue_id = :venue_id AND day = listed.day)
    ORDER BY listed.day DESC
    """)  # noqa: S608 - a constant of ours
)
_UNCLOSED = Statement(
    text("""
    WITH closed AS (SELECT coalesce(max(day), '-infinity') AS last FROM business_day
                    WHERE venue_id = :venue_id AND closed_at IS NOT NULL)
    SELECT least(
        (SELECT min(day) FROM business_day, closed
         WHERE venue_id = :venue_id AND closed_at IS NULL AND day > last AND day < :day),
        (SELECT min(day) FROM sale_entry, closed
         WHERE venue_id = :venue_id AND day > last AND day < :day),
        (SELECT min(day) FROM takings_entry, closed
         WHERE venue_id = :venue_id AND day > last AND day < :day),
        (SELECT min(day) FROM cash_movement, closed
         WHERE venue_id = :venue_id AND day > last AND day < :day),
        (SELECT min(day) FROM incident, closed
         WHERE venue_id = :venue_id AND day > last AND day < :day),
        (SELECT min(day) FROM voucher, closed
         WHERE venue_id = :venue_id AND day > last AND day < :day),
        (SELECT min(day) FROM drawer_z, closed
         WHERE venue_id = :venue_id AND day > last AND day < :day))
    """)
)
_OPEN = Statement(
    text("""
    INSERT INTO business_day (venue_id, day, opened_at, opened_by, opening_float)
    VALUES (:venue_id, :day, :now, :by, :opening_float)
    ON CONFLICT (venue_id, day) DO NOTHING
    RETURNING day
    """)
)
_CLOSE = Statement(
    text("""
    INSERT INTO business_day
        (venue_id, day, closed_at, closed_by, counted_cash, report, owed_at_end, z_number)
    VALUES (:venue_id, :day, :now, :by, :counted_cash, :report, :owed_at_end, :z_number)
    ON CONFLICT (venue_id, day) DO UPDATE
    SET closed_at = excluded.closed_at, closed_by = excluded.closed_by,
        counted_cash = excluded.counted_cash, report = excluded.report,
        owed_at_end = excluded.owed_at_end, z_number = excluded.z_number
    """)
)


_HOLDS = Statement(
    text("""
    SELECT EXISTS (SELECT FROM sale_entry WHERE venue_id = :venue_id AND day = :day)
        OR EXISTS (SELECT FROM takings_entry WHERE venue_id = :venue_id AND day = :day)
        OR EXISTS (SELECT FROM cash_movement WHERE venue_id = :venue_id AND day = :day)
        OR EXISTS (SELECT FROM incident WHERE venue_id = :venue_id AND day = :day)
        OR EXISTS (SELECT FROM voucher WHERE venue_id = :venue_id AND day = :day)
        OR EXISTS (SELECT FROM drawer_z WHERE venue_id = :venue_id AND day = :day)
        OR EXISTS (SELECT FROM business_day WHERE venue_id = :venue_id AND day = :day)
    """)
)
_CLOSED_AFTER = Statement(
    text("""
    SELECT EXISTS (SELECT FROM business_day
                   WHERE venue_id = :venue_id AND day > :day AND closed_at IS NOT NULL)
    """)
)
_CORRECT_FLOAT = Statement(
    text("""
    INSERT INTO business_day (venue_id, day, opened_at, opened_by, opening_float)
    VALUES (:venue_id, :day, :now, :by, :opening_float)
    ON CONFLICT (venue_id, day) DO UPDATE SET opening_float = excluded.opening_float
    """)
)
_NEXT_Z_NUMBER = Statement(
    text("SELECT coalesce(max(z_number), 0) + 1 FROM business_day WHERE venue_id = :venue_id")
)


class DayRepository(Repository):
    async def lock_for_close(self) -> None:
        """Wait for all transactions that enter sales or takings, and keep others away until the end:
        they hold the venue's row FOR KEY SHARE.

        Call first in the transaction: waiting here while holding another row lock can deadlock.
        """
        await self._run(_STAY)
        await self._run(_LOCK)

    async def share_lock(self) -> Record:
        """`today`, `begun` and `at` (now); `today` is not closed until the transaction ends.

        `today` is the day of new entries; it is later than `begun`, the day by the clock, once that is
        closed.
        """
        return await self._clock(_SHARE_LOCK)

    async def current(self) -> Record:
        """The same, without a lock."""
        return await self._clock(_CURRENT)

    async def _clock(self, statement: Statement) -> Record:
        row = await self._first(statement)
        if row is None or row["at"] is None:
            raise LookupError(self._venue_id)
        return row

    async def hours(self, day: date) -> Record:
        """When the day `begins` and `ends`; 23 or 25 hours apart when the clocks change."""
        row = await self._first(_HOURS, day=day)
        if row is None:
            raise LookupError(self._venue_id)
        return row

    async def get(self, day: date) -> Record | None:
        """A day that was opened or closed."""
        return await self._first(_ONE, day=day)

    async def recent(self, today: date) -> list[Record]:
        """The current day, and the days of the last two months that are not empty, newest first."""
        return await self._all(_RECENT, today=today)

    async def holds(self, day: date) -> bool:
        """Whether anything was entered on the day."""
        found: bool = await self._value(_HOLDS, day=day)
        return found

    async def is_closed_after(self, day: date) -> bool:
        """Whether a later day is closed: then nothing comes to this one any more."""
        later: bool = await self._value(_CLOSED_AFTER, day=day)
        return later

    async def unclosed_before(self, day: date) -> date | None:
        """The first day that must be closed before `day`: not empty, and later than every closed day."""
        earlier: date | None = await self._value(_UNCLOSED, day=day)
        return earlier

    async def open(self, day: date, now: datetime, by: str | None, opening_float: int) -> bool:
        """False for a day that is open already, which does not change."""
        opened = await self._value(_OPEN, day=day, now=now, by=by, opening_float=opening_float)
        return opened is not None

    async def correct_float(
        self, day: date, now: datetime, by: str | None, opening_float: int
    ) -> None:
        """Set the float, and open a day that nobody opened. The database refuses a closed day."""
        await self._run(_CORRECT_FLOAT, day=day, now=now, by=by, opening_float=opening_float)

    async def next_z_number(self) -> int:
        """Call it behind `lock_for_close`, so that nobody else takes the number."""
        number: int = await self._value(_NEXT_Z_NUMBER)
        return number

    async def close(self, day: date, now: datetime, **columns: Any) -> None:
        """Close the day for good, with `by`, `counted_cash`, `report` (JSON), `owed_at_end`, `z_number`."""
        await self._run(_CLOSE, day=day, now=now, **columns)
