"""Sums over a range of business days, from the journal; each statement finds its rows by an index."""

from datetime import date
from typing import Any

from sqlalchemy import delete, insert, text

from epos.domain.payments import DEPOSIT
from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import account_code
from epos.store.visibility import VENUE

_COUNTS = "kind IN ('item', 'order', 'discount', 'refund', 'service_charge')"
_AREA = """
    LEFT JOIN area ON area.venue_id = :venue_id AND area.id = sale_entry.area_id
"""
_WAITER = """
    LEFT JOIN waiter ON waiter.venue_id = :venue_id AND waiter.id = sale_entry.waiter_id
"""
# What is grouped by: its key, its name, and where they come from.
_GROUPS = {
    "day": ("CAST(sale_entry.day AS text)", "CAST(NULL AS text)", ""),
    "category": ("category", "CAST(NULL AS text)", ""),
    "vat-rate": ("CAST(vat_rate AS text)", "CAST(NULL AS text)", ""),
    "hour": (
        "to_char(at AT TIME ZONE venue.time_zone, 'HH24')",
        "CAST(NULL AS text)",
        "JOIN venue ON venue.id = :venue_id",
    ),
    "waiter": ("sale_entry.waiter_id", "waiter.name", _WAITER),
    "area": ("sale_entry.area_id", "area.name", _AREA),
}
_SALES_BY = {
    by: Statement(
        text(f"""
        SELECT * FROM (
            SELECT {key} AS key, {name} AS name,
                   CAST(coalesce(sum(count) FILTER (WHERE kind IN ('item', 'order')), 0) AS bigint)
                       AS count,
                   CAST(coalesce(sum(amount) FILTER (WHERE kind = 'item'), 0) AS bigint) AS items,
                   CAST(coalesce(sum(amount) FILTER (WHERE kind = 'discount'), 0) AS bigint)
                       AS discounts,
                   CAST(coalesce(sum(amount) FILTER (WHERE kind = 'refund'), 0) AS bigint) AS refunds,
                   CAST(coalesce(sum(amount) FILTER (WHERE kind = 'order'), 0) AS bigint)
                       AS dojo_orders,
                   CAST(coalesce(sum(amount) FILTER (WHERE kind = 'service_charge'), 0) AS bigint)
                       AS service_charge,
                   CAST(coalesce(sum(amount) FILTER (WHERE {_COUNTS}), 0) AS bigint) AS sales,
                   CAST(coalesce(sum(amount)
                       FILTER (WHERE kind IN ('vat', 'order_vat', 'derived_vat')), 0) AS bigint)
                       AS vat
            FROM sale_entry {source}
            WHERE sale_entry.venue_id = :venue_id AND sale_entry.day BETWEEN :first AND :last
            GROUP BY 1, 2
        ) AS sold
        WHERE 0 <> ANY (ARRAY[count, items, discounts, refunds, dojo_orders, service_charge{vat}])
        ORDER BY key
        """)  # noqa: S608 - constants of ours
    )
    for by, (key, name, source) in _GROUPS.items()
    for vat in ("" if by == "category" else ", vat",)
}
"""Rows for what came to something: a tab that only goes to another waiter sells nothing on that day."""
_ITEMS = Statement(
    text("""
    SELECT plu AS key, name, CAST(sum(count) AS bigint) AS count,
           CAST(sum(amount) AS bigint) AS items
    FROM sale_entry
    WHERE venue_id = :venue_id AND day BETWEEN :first AND :last AND kind = 'item'
    GROUP BY plu, name HAVING sum(count) <> 0 OR sum(amount) <> 0
    ORDER BY items DESC, plu, name
    """)
)
_TENDER = Statement(
    text("""
    SELECT coalesce(method, source) AS key, count(*) FILTER (WHERE paid > 0 OR tips > 0) AS payments,
           CAST(sum(paid) AS bigint) AS paid, CAST(sum(tips) AS bigint) AS tips
    FROM takings_entry WHERE venue_id = :venue_id AND day BETWEEN :first AND :last
    GROUP BY 1 ORDER BY 1
    """)
)
_DEVICE = Statement(
    text("""
    SELECT payment.device_id AS key, count(*) FILTER (WHERE paid > 0 OR tips > 0) AS payments,
           CAST(sum(paid) AS bigint) AS paid, CAST(sum(tips) AS bigint) AS tips
    FROM takings_entry
        JOIN payment
            ON payment.venue_id = :venue_id AND payment.id = takings_entry.payment_id
    WHERE takings_entry.venue_id = :venue_id AND day BETWEEN :first AND :last
    GROUP BY 1 ORDER BY 1
    """)
)
_SOLD = Statement(
    text("""
    SELECT day, kind, vat_rate, CAST(sum(amount) AS bigint) AS amount FROM sale_entry
    WHERE venue_id = :venue_id AND day BETWEEN :first AND :last AND kind <> 'void'
    GROUP BY day, kind, vat_rate ORDER BY day, kind, vat_rate DESC
    """)
)
_TAKEN = Statement(
    text("""
    SELECT day, entry.source, entry.method, payment.id IS NOT NULL AS by_voucher,
           CAST(sum(paid) AS bigint) AS paid, CAST(sum(tips) AS bigint) AS tips
    FROM takings_entry AS entry
        LEFT JOIN payment
            ON payment.venue_id = :venue_id AND payment.id = entry.payment_id
            AND payment.voucher_id IS NOT NULL
    WHERE entry.venue_id = :venue_id AND entry.day BETWEEN :first AND :last
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    """)
)
_VOUCHERS = Statement(
    text("""
    SELECT day, source, method, CAST(sum(amount) AS bigint) AS amount FROM voucher
    WHERE venue_id = :venue_id AND day BETWEEN :first AND :last
    GROUP BY day, source, method ORDER BY day, source, method
    """)
)
_DEPOSITS = Statement(
    text(f"""
    SELECT CAST(coalesce(sum(paid + tips), 0) AS bigint) FROM takings_entry
    WHERE venue_id = :venue_id AND day BETWEEN :first AND :last AND method = '{DEPOSIT}'
    """)  # noqa: S608 - a constant of ours
)
_MOVED = Statement(
    text("""
    SELECT day, type, CAST(sum(amount) AS bigint) AS amount FROM cash_movement
    WHERE venue_id = :venue_id AND day BETWEEN :first AND :last
        AND type IN ('paid-in', 'paid-out', 'to-safe')
    GROUP BY day, type ORDER BY day, type
    """)
)
_COUNTED = Statement(
    text("""
    WITH whole AS (
        SELECT day, CAST(report -> 'cash' ->> 'difference' AS bigint) AS more FROM business_day
        WHERE venue_id = :venue_id AND day BETWEEN :first AND :last AND counted_cash IS NOT NULL
    )
    SELECT day, more FROM whole
    UNION ALL
    SELECT day, CAST(sum(counted - (opening_float + taken - given_back + paid_in - paid_out - to_safe))
                     AS bigint)
    FROM drawer_z
    WHERE venue_id = :venue_id AND day BETWEEN :first AND :last AND counted IS NOT NULL
        AND day NOT IN (SELECT day FROM whole)
    GROUP BY day
    """)
)
_ACCOUNTS = Statement(
    text("SELECT name, code FROM account_code WHERE venue_id = :venue_id ORDER BY name")
)
_NO_ACCOUNTS = Statement(delete(account_code).where(account_code.c.venue_id == VENUE))
_ADD_ACCOUNT = Statement(insert(account_code), columns=["venue_id", "name", "code"])


class RangeFigures(Repository):
    async def sales_by(self, by: str, first: date, last: date) -> list[Record]:
        """Sales by `day`, `category`, `vat-rate`, `hour`, `waiter` or `area`."""
        return await self._all(_SALES_BY[by], first=first, last=last)

    async def items(self, first: date, last: date) -> list[Record]:
        """What tabs sold on these days, by item, before discounts."""
        return await self._all(_ITEMS, first=first, last=last)

    async def takings_by(self, by: str, first: date, last: date) -> list[Record]:
        """Money by `tender` or `device`, less what went back."""
        statement = _TENDER if by == "tender" else _DEVICE
        return await self._all(statement, first=first, last=last)

    async def journal(self, first: date, last: date) -> dict[str, list[Record]]:
        """For each day what was `sold`, `taken` and `moved` as cash, the `vouchers` that were sold, and the
        `counted` difference: of all drawers, or else of those that were counted.
        """
        return {
            name: await self._all(statement, first=first, last=last)
            for name, statement in (
                ("sold", _SOLD),
                ("taken", _TAKEN),
                ("moved", _MOVED),
                ("vouchers", _VOUCHERS),
                ("counted", _COUNTED),
            )
        }

    async def deposits(self, first: date, last: date) -> int:
        """What deposits paid on tabs, less what was taken back."""
        counted: int = await self._value(_DEPOSITS, first=first, last=last)
        return counted

    async def accounts(self) -> list[Record]:
        """The codes of accounts that the venue has set."""
        return await self._all(_ACCOUNTS)

    async def set_accounts(self, codes: dict[str, str]) -> None:
        """Replace all codes."""
        await self._run(_NO_ACCOUNTS)
        rows: list[dict[str, Any]] = [{"name": name, "code": code} for name, code in codes.items()]
        await self._each(_ADD_ACCOUNT, rows)
