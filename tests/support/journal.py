"""What the journal of sales says, all days together."""

from tests.support.rows import fetch
from tests.support.venues import Venue

Part = tuple[str, str | None, int | None]


async def sold(venue: Venue) -> dict[Part, tuple[int, int]]:
    """Amount and count by kind, category and VAT rate, without those that came to nothing."""
    sql = """SELECT kind, category, vat_rate, sum(amount)::bigint AS amount, sum(count)::bigint AS count
             FROM sale_entry WHERE venue_id = $1 GROUP BY kind, category, vat_rate"""
    return {
        (row["kind"], row["category"], row["vat_rate"]): (row["amount"], row["count"])
        for row in await fetch(venue, sql)
        if row["amount"] or row["count"]
    }


async def total_sold(venue: Venue) -> int:
    """What all tabs come to."""
    parts = await sold(venue)
    return sum(amount for (kind, _, _), (amount, _) in parts.items() if kind not in ("vat", "void"))
