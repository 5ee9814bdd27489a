"""Compare what a venue was promised with what the database has: nothing lost, doubled or torn."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from benchmarks.citus_history.record import Promised
from epos.store.statements import Connection

_ORDERS = """
    SELECT dojo_order_id, id, total_amount, paid_amount FROM customer_order
    WHERE venue_id = $1 AND origin = 'dojo'
"""
_PAYMENTS = """
    SELECT payment_intent_id, order_id, paid_amount, tips_amount FROM payment
    WHERE venue_id = $1 AND payment_intent_id IS NOT NULL
"""
_LOCKS = "SELECT order_id, lock_id, released_at IS NOT NULL FROM order_lock WHERE venue_id = $1"
_PARTIES = """
    SELECT dojo_party_id, id,
           (SELECT array_agg(table_id ORDER BY position) FROM party_table
            WHERE venue_id = $1 AND party_id = party.id),
           (SELECT bool_and(is_live) FROM party_table WHERE venue_id = $1 AND party_id = party.id)
    FROM party WHERE venue_id = $1
"""
_TABS = """
    SELECT till_write.key, id,
           (SELECT array_agg(plu ORDER BY position) FROM tab_line
            WHERE venue_id = $1 AND order_id = customer_order.id),
           total_amount, paid_amount
    FROM customer_order JOIN tab ON tab.venue_id = $1 AND order_id = id
        LEFT JOIN till_write ON till_write.venue_id = $1 AND operation = 'open-tab'
            AND answer::jsonb ->> 'id' = id
    WHERE customer_order.venue_id = $1
"""
_TORN = """
    SELECT id, total_amount, paid_amount, tips_amount,
           (SELECT coalesce(sum(amount), 0) FROM sale_entry
            WHERE venue_id = $1 AND order_id = customer_order.id
              AND kind IN ('item', 'order', 'discount', 'refund', 'service_charge')) AS sold,
           (SELECT coalesce(sum(paid), 0) FROM takings_entry
            WHERE venue_id = $1 AND order_id = customer_order.id) AS taken,
           (SELECT coalesce(sum(tips), 0) FROM takings_entry
            WHERE venue_id = $1 AND order_id = customer_order.id) AS tipped,
           (SELECT coalesce(sum(paid_amount), 0) FROM payment
            WHERE venue_id = $1 AND order_id = customer_order.id) AS ledger
    FROM customer_order WHERE venue_id = $1
"""
_TRAIL = """
    SELECT action, subject_id, count(*) FROM audit_entry
    WHERE venue_id = $1 AND action IN ('order.created', 'party.created', 'tab.opened')
    GROUP BY 1, 2
"""


async def faults(connection: Connection, venue_id: str, promised: Promised) -> list[str]:
    """One line for each fault; none if all is as it was promised. Call it when nothing is under way."""

    async def rows(sql: str) -> list[Any]:
        return await connection.fetch(sql, venue_id)

    found = [f"refused: {words}" for words in promised.refused]
    orders = {row[0]: tuple(row)[1:] for row in await rows(_ORDERS)}
    found += different("order", promised.orders, orders)
    payments = {row[0]: tuple(row)[1:] for row in await rows(_PAYMENTS)}
    found += different("payment", promised.payments, payments)
    locks = {(row[0], row[1]): row[2] for row in await rows(_LOCKS)}
    found += different("lock", {one[:2]: one[2] for one in promised.locks}, locks)
    parties = {row[0]: (row[1], tuple(row[2] or ()), row[3]) for row in await rows(_PARTIES)}
    found += different("party", promised.parties, parties)
    tabs = {row[0]: (row[1], tuple(row[2] or ()), row[3], row[4]) for row in await rows(_TABS)}
    found += different("tab", promised.tabs, tabs)
    found += torn(await rows(_TORN))
    made = Counter({(row[0], row[1]): row[2] for row in await rows(_TRAIL)})
    found += trail(promised, made)
    return [f"{venue_id}: {words}" for words in found]


def different(what: str, promised: dict[Any, Any], found: dict[Any, Any]) -> Iterator[str]:
    for key in promised.keys() - found.keys():
        yield f"{what} {key} is lost: {promised[key]}"
    for key in found.keys() - promised.keys():
        yield f"{what} {key} is there, though nobody holds an acknowledgement: {found[key]}"
    for key in promised.keys() & found.keys():
        if promised[key] != found[key]:
            yield f"{what} {key}: promised {promised[key]}, found {found[key]}"


def torn(orders: list[Any]) -> Iterator[str]:
    for order in orders:
        if order["sold"] != order["total_amount"]:
            yield f"order {order['id']}: sales {order['sold']}, total {order['total_amount']}"
        if {order["taken"], order["ledger"]} != {order["paid_amount"]}:
            yield (
                f"order {order['id']}: takings {order['taken']}, ledger {order['ledger']}, "
                f"paid {order['paid_amount']}"
            )
        if order["tipped"] != order["tips_amount"]:
            yield f"order {order['id']}: tips {order['tipped']} of {order['tips_amount']}"


def trail(promised: Promised, made: Counter[tuple[str, str]]) -> Iterator[str]:
    for action, ids in (
        ("order.created", [one[0] for one in promised.orders.values()]),
        ("party.created", [one[0] for one in promised.parties.values()]),
        ("tab.opened", [one[0] for one in promised.tabs.values()]),
    ):
        for subject_id in ids:
            if made[action, subject_id] != 1:
                yield f"{action} {subject_id}: {made[action, subject_id]} in the audit trail"
