"""All days together, added up from the rows of orders, lines, payments, vouchers and drawers: without the
journal that the reports are made of.
"""

from collections import Counter
from typing import Any

from tests.properties.day.books import DayNotes
from tests.properties.day.world import World
from tests.support.rows import fetch
from tests.support.venues import Venue

Json = dict[str, Any]
_SOLD = """
    SELECT coalesce(sum(total_amount), 0)::bigint AS sales,
           coalesce(sum(service_charge_amount) FILTER (WHERE refund_amount = 0), 0)::bigint AS charge,
           coalesce(sum(total_amount - paid_amount), 0)::bigint AS owed
    FROM customer_order WHERE venue_id = $1 AND status NOT IN ('Canceled', 'Failed')
"""
_LINES = """
    WITH whole AS (
        SELECT line.id, line.void_reason IS NOT NULL AS is_void, part.category, part.vat_rate,
               sum(line.quantity * part.count) AS count,
               sum(line.quantity * part.count * (part.price + (
                   SELECT coalesce(sum(one.price * one.quantity), 0)
                   FROM jsonb_to_recordset(part.modifiers) AS one (price bigint, quantity bigint)
               ))) AS amount,
               coalesce((line.piece ->> 0)::numeric, 0) AS first,
               coalesce((line.piece ->> 1)::numeric, 1) AS last,
               coalesce((line.piece ->> 2)::numeric, 1) AS of
        FROM tab_line AS line
            JOIN customer_order AS of ON of.venue_id = $1 AND of.id = line.order_id,
            LATERAL (
                SELECT 1 AS count, line.price, line.modifiers, line.category, line.vat_rate
                UNION ALL
                SELECT sub.quantity, sub.price, sub.modifiers, sub.category, sub.vat_rate
                FROM jsonb_to_recordset(line.sub_items) AS sub (quantity bigint, price bigint,
                    modifiers jsonb, category text, vat_rate bigint)
            ) AS part
        WHERE line.venue_id = $1 AND (of.status <> 'Canceled' OR line.void_reason IS NOT NULL)
        GROUP BY line.venue_id, line.id, is_void, part.category, part.vat_rate, line.piece
    )
    SELECT CASE WHEN is_void THEN 'void' ELSE 'item' END AS kind, category, vat_rate,
           sum(ceil(count * last / of) - ceil(count * first / of))::bigint AS count,
           sum(ceil(amount * last / of) - ceil(amount * first / of))::bigint AS amount
    FROM whole GROUP BY 1, 2, 3
"""
_VAT = """
    SELECT (line ->> 'amountPercentage')::bigint AS rate,
           sum((line -> 'amountTotal' ->> 'value')::bigint)::bigint AS vat
    FROM customer_order, jsonb_array_elements(content -> 'taxLines') AS line
    WHERE venue_id = $1 AND status <> 'Canceled' AND origin = 'till'
    GROUP BY 1
"""
_MONEY = """
    SELECT source, method, sum(paid_amount - refunded_paid + tips_amount - refunded_tips)::bigint AS total
    FROM payment WHERE venue_id = $1 AND status IN ('recorded', 'captured') GROUP BY 1, 2
"""
_TIPS = """
    SELECT source, sum(tips_amount - refunded_tips)::bigint AS tips
    FROM payment WHERE venue_id = $1 AND status IN ('recorded', 'captured') GROUP BY 1
"""
_CASH = """
    SELECT coalesce(device_id, 'main') AS drawer,
           sum(paid_amount - refunded_paid + tips_amount - refunded_tips)::bigint AS total
    FROM payment WHERE venue_id = $1 AND source = 'cash' AND status IN ('recorded', 'captured')
    GROUP BY 1
"""
_MOVED = """
    SELECT drawer, type, sum(amount)::bigint AS amount FROM cash_movement
    WHERE venue_id = $1 AND type IN ('paid-in', 'paid-out', 'to-safe') GROUP BY 1, 2
"""
_VOUCHERS = """
    SELECT coalesce(sum(voucher.amount), 0)::bigint AS sold, coalesce(sum(voucher.amount), 0)::bigint - (
        SELECT coalesce(sum(paid_amount - refunded_paid + tips_amount - refunded_tips), 0)
        FROM payment WHERE venue_id = $1 AND voucher_id IS NOT NULL
            AND status IN ('recorded', 'captured')
    )::bigint AS left FROM voucher WHERE venue_id = $1
"""


async def differences(venue: Venue, world: World) -> list[str]:
    noted, rows = _noted(world), await _added_up(venue)
    return [
        f"{name}: the rows say {rows.get(name)}, the notes say {noted.get(name)}"
        for name in {*noted, *rows}
        if (noted.get(name) or 0) != (rows.get(name) or 0)
    ]


def _noted(world: World) -> dict[Any, int]:
    found = Counter[Any]()
    for notes in world.books.days.values():
        found["sales"] += notes.total
        found["vouchers sold"] += notes.vouchers["sold"]
        _add_sales(found, notes)
        for (_, source), tips in notes.tips.items():
            found["tips", source] += tips
        for drawer, figures in notes.drawers.items():
            found["cash", drawer] += figures["taken"] - figures["given_back"]
            for kind in ("paid_in", "paid_out", "to_safe"):
                found[kind, drawer] += figures[kind]
    for way, total in world.takings().items():
        found["way", way] += total
    found["vouchers left"] = world.outstanding()
    return found


def _add_sales(found: Counter[Any], notes: DayNotes) -> None:
    for key, amount in notes.sales.items():
        if key[0] == "vat":
            found["vat", key[2]] += amount
        if key[0] in ("item", "void"):
            found[key] += amount
            found[(*key, "count")] += notes.counts[key]


async def _added_up(venue: Venue) -> dict[Any, int]:
    [sold] = await fetch(venue, _SOLD)
    found: dict[Any, int] = {"sales": sold["sales"]}
    for row in await fetch(venue, _LINES):
        key = (row["kind"], row["category"], row["vat_rate"])
        found[key], found[(*key, "count")] = row["amount"], row["count"]
    found |= {("vat", row["rate"]): row["vat"] for row in await fetch(venue, _VAT)}
    for row in await fetch(venue, _MONEY):
        found["way", (row["source"], row["method"])] = row["total"]
    found |= {("tips", row["source"]): row["tips"] for row in await fetch(venue, _TIPS)}
    found |= {("cash", row["drawer"]): row["total"] for row in await fetch(venue, _CASH)}
    for row in await fetch(venue, _MOVED):
        found[row["type"].replace("-", "_"), row["drawer"]] = row["amount"]
    [vouchers] = await fetch(venue, _VOUCHERS)
    found["vouchers sold"], found["vouchers left"] = vouchers["sold"], vouchers["left"]
    return found
