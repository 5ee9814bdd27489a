"""The sums of a business day from the journal, and the same sums from orders and ledger.

The statements must agree: run them in a snapshot, or behind `DayRepository.lock_for_close`.
"""

from datetime import date

from sqlalchemy import text

from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables.orders import IS_OPEN
from epos.store.tables.payments import IS_EFFECTIVE

_COUNTS = "kind IN ('item', 'order', 'discount', 'refund', 'service_charge')"
_ENDED_NOW = "status NOT IN ('recorded', 'captured')"

_SALES = Statement(
    text("""
    SELECT kind, category, vat_rate,
           CAST(sum(amount) AS bigint) AS amount, CAST(sum(count) AS bigint) AS count
    FROM sale_entry
    WHERE venue_id = :venue_id AND day = :day
    GROUP BY kind, category, vat_rate
    HAVING sum(amount) <> 0 OR sum(count) <> 0
    ORDER BY category, vat_rate DESC
    """)
)
_SERVED = Statement(
    text("""
    WITH sold AS (
        SELECT tab.covers, customer_order.party_id
        FROM (SELECT order_id FROM sale_entry
              WHERE venue_id = :venue_id AND day = :day AND kind IN ('item', 'order')
              GROUP BY order_id
              HAVING sum(count) > 0 OR sum(amount) FILTER (WHERE kind = 'item') > 0) AS entry
            JOIN customer_order
                ON customer_order.venue_id = :venue_id AND customer_order.id = entry.order_id
            LEFT JOIN tab ON tab.venue_id = :venue_id AND tab.order_id = entry.order_id
    ), untold AS (
        SELECT coalesce(sum(covers), 0) AS covers FROM party
        WHERE venue_id = :venue_id
            AND id IN (SELECT party_id FROM sold WHERE party_id IS NOT NULL
                       GROUP BY party_id HAVING count(covers) = 0)
    )
    SELECT (SELECT count(*) FROM sold) AS orders,
           CAST((SELECT coalesce(sum(covers), 0) FROM sold) + (SELECT covers FROM untold) AS bigint)
               AS covers
    """)
)
_TAKINGS = Statement(
    text(f"""
    SELECT source, method,
           count(*) FILTER (WHERE paid > 0 OR tips > 0) AS payments,
           CAST(coalesce(sum(paid) FILTER (WHERE paid > 0), 0) AS bigint) AS paid,
           CAST(coalesce(sum(tips) FILTER (WHERE tips > 0), 0) AS bigint) AS tips,
           count(*) FILTER (WHERE {_ENDED_NOW}) AS ended,
           CAST(coalesce(-sum(paid) FILTER (WHERE paid < 0), 0) AS bigint) AS paid_back,
           CAST(coalesce(-sum(tips) FILTER (WHERE tips < 0), 0) AS bigint) AS tips_back,
           CAST(sum(partly_refunded) AS bigint) AS partly_refunded
    FROM takings_entry
    WHERE venue_id = :venue_id AND day = :day
    GROUP BY source, method
    ORDER BY array_position(ARRAY['dojo', 'cash', 'other'], source), method
    """)  # noqa: S608 - a constant of ours
)
_WAITERS = Statement(
    text("""
    SELECT waiter_id, waiter.name, CAST(sum(tips) AS bigint) AS tips,
           CAST(coalesce(sum(tips) FILTER (WHERE source = 'cash'), 0) AS bigint) AS cash_tips,
           CAST(coalesce(sum(tips) FILTER (WHERE source = 'dojo'), 0) AS bigint) AS card_tips,
           CAST(coalesce(sum(tips) FILTER (WHERE source = 'other'), 0) AS bigint) AS other_tips,
           CAST(sum(service_charge) AS bigint) AS service_charge
    FROM (
        SELECT waiter_id, source, tips, 0 AS service_charge FROM takings_entry
        WHERE venue_id = :venue_id AND day = :day
        UNION ALL
        SELECT waiter_id, NULL, 0, amount FROM sale_entry
        WHERE venue_id = :venue_id AND day = :day AND kind = 'service_charge'
    ) AS entry
        LEFT JOIN waiter ON waiter.venue_id = :venue_id AND waiter.id = entry.waiter_id
    GROUP BY waiter_id, waiter.name
    HAVING bool_or(tips <> 0) OR sum(service_charge) <> 0
    ORDER BY waiter_id
    """)
)
_ENDED = Statement(
    text(f"""
    SELECT entry.payment_id, entry.order_id, entry.source, entry.method, entry.status,
           -entry.paid AS paid, -entry.tips AS tips, entry.of_day, entry.at,
           transition.reason, transition.waiter_id AS approved_by,
           waiter.name AS approved_by_name
    FROM takings_entry AS entry
        LEFT JOIN payment_transition AS transition
            ON transition.venue_id = :venue_id AND transition.payment_id = entry.payment_id
            AND transition.status = entry.status
        LEFT JOIN waiter
            ON waiter.venue_id = :venue_id AND waiter.id = transition.waiter_id
    WHERE entry.venue_id = :venue_id AND entry.day = :day AND entry.{_ENDED_NOW}
    ORDER BY entry.id
    """)  # noqa: S608 - a constant of ours
)
_PARTLY_REFUNDED = Statement(
    text("""
    SELECT payment_id, order_id, source, method, partly_refunded AS amount, of_day, at
    FROM takings_entry
    WHERE venue_id = :venue_id AND day = :day AND partly_refunded > 0
    ORDER BY id
    """)
)
_OPEN_ORDERS = Statement(
    text(f"""
    SELECT id, origin, reference, status, owed, count(*) OVER () AS how_many
    FROM (
        SELECT id, created_at, origin, reference, status, owed
        FROM customer_order WHERE venue_id = :venue_id AND origin = 'till' AND {IS_OPEN}
        UNION
        SELECT id, created_at, origin, reference, status, owed
        FROM customer_order WHERE venue_id = :venue_id AND owed <> 0
    ) AS left_open
    ORDER BY created_at DESC, id DESC
    LIMIT :most
    """)  # noqa: S608 - a constant of ours
)
_OTHER_PRICES = Statement(
    text("""
    WITH came AS (
        SELECT order_id FROM sale_entry
        WHERE venue_id = :venue_id AND day = :day AND kind = 'order'
        GROUP BY order_id HAVING sum(count) > 0
    )
    SELECT customer_order.id, customer_order.reference, one.*, count(*) OVER () AS how_many
    FROM came JOIN customer_order
            ON customer_order.venue_id = :venue_id AND customer_order.id = came.order_id
            AND customer_order.derived ? 'prices',
        LATERAL jsonb_to_recordset(customer_order.derived -> 'prices')
            AS one (plu text, name text, count bigint, price bigint, menu_price bigint)
    ORDER BY customer_order.created_at DESC, customer_order.id, one.plu, one.price, one.count
    LIMIT :most
    """)
)
_BALANCE = Statement(
    text(f"""
    WITH earlier AS (
        SELECT day, owed_at_end FROM business_day
        WHERE venue_id = :venue_id AND day < :day AND closed_at IS NOT NULL
        ORDER BY day DESC LIMIT 1
    ), journal AS (
        SELECT sign(day - CAST(:day AS date)) AS side, amount AS sold, 0 AS taken
        FROM sale_entry
        WHERE venue_id = :venue_id AND {_COUNTS}
            AND day > coalesce((SELECT day FROM earlier), '-infinity')
        UNION ALL
        SELECT sign(day - CAST(:day AS date)), 0, paid
        FROM takings_entry
        WHERE venue_id = :venue_id
            AND day > coalesce((SELECT day FROM earlier), '-infinity')
    ), summed AS (
        SELECT coalesce(sum(sold - taken) FILTER (WHERE side < 0), 0) AS before,
               coalesce(sum(sold) FILTER (WHERE side = 0), 0) AS sold,
               coalesce(sum(taken) FILTER (WHERE side = 0), 0) AS taken,
               coalesce(sum(sold - taken) FILTER (WHERE side > 0), 0) AS since
        FROM journal
    )
    SELECT CAST(coalesce((SELECT owed_at_end FROM earlier), 0) + before AS bigint) AS owed_at_start,
           CAST(sold AS bigint) AS sales, CAST(taken AS bigint) AS takings,
           CAST(since AS bigint) AS since,
           CAST((SELECT coalesce(sum(owed), 0) FROM customer_order
                 WHERE venue_id = :venue_id AND owed <> 0) AS bigint) AS orders_owe
    FROM summed
    """)  # noqa: S608 - a constant of ours
)
_LEDGER = Statement(
    text(f"""
    SELECT CAST(coalesce(sum(CASE WHEN {IS_EFFECTIVE} THEN paid_amount - refunded_paid END), 0) AS bigint)
               AS counting,
           CAST(coalesce(sum(entered.paid), 0) AS bigint) AS journaled
    FROM (SELECT DISTINCT payment_id AS id FROM takings_entry
          WHERE venue_id = :venue_id AND day = :day) AS touched
        JOIN payment ON payment.venue_id = :venue_id AND payment.id = touched.id,
        LATERAL (SELECT sum(paid) AS paid FROM takings_entry
                 WHERE venue_id = :venue_id AND payment_id = touched.id) AS entered
    """)  # noqa: S608 - constants of ours
)


class DayFigures(Repository):
    async def sales(self, day: date) -> list[Record]:
        """By kind, category and VAT rate."""
        return await self._all(_SALES, day=day)

    async def served(self, day: date) -> Record:
        """The number of `orders` with sales, and their `covers`: those of the tabs, else of
        the parties whose tabs say none.
        """
        return await self._one(_SERVED, day)

    async def takings(self, day: date) -> list[Record]:
        """By source and method: what was taken, and what was given back."""
        return await self._all(_TAKINGS, day=day)

    async def waiters(self, day: date) -> list[Record]:
        """Tips and service charge by waiter."""
        return await self._all(_WAITERS, day=day)

    async def ended(self, day: date) -> list[Record]:
        """The payments that were reversed, refunded or canceled on the day, whenever they were made."""
        return await self._all(_ENDED, day=day)

    async def partly_refunded(self, day: date) -> list[Record]:
        return await self._all(_PARTLY_REFUNDED, day=day)

    async def open_orders(self, most: int) -> list[Record]:
        """Open tabs, and all other orders with a balance now, newest first."""
        return await self._all(_OPEN_ORDERS, most=most)

    async def other_prices(self, day: date, most: int) -> list[Record]:
        """What came from Dojo on the day at another price than the menu's, the newest orders first."""
        return await self._all(_OTHER_PRICES, day=day, most=most)

    async def balance(self, day: date) -> Record:
        """From the journal: the balance when the day began, its sales and takings, and the entries of
        later days; from the orders: their balance now.
        """
        return await self._one(_BALANCE, day)

    async def ledger(self, day: date) -> Record:
        """For the payments with entries on the day: the sum of the ledger, and that of the journal."""
        return await self._one(_LEDGER, day)

    async def _one(self, statement: Statement, day: date) -> Record:
        row = await self._first(statement, day=day)
        if row is None:
            raise LookupError(day)
        return row
