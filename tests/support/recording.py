"""RecordOrderPayment as a test asks for it, and what it leaves in the books."""

from typing import Any

from tests.support.orders import event, order
from tests.support.rows import fetch
from tests.support.venues import Venue

Json = dict[str, Any]


async def open_order(venue: Venue, total: int = 10_000, **more: Any) -> str:
    order_id: str = (await venue.ok("POST", "/v1/orders", order(total, **more)))["id"]
    return order_id


async def open_at_table(venue: Venue, total: int = 10_000, table: str = "t1", **more: Any) -> str:
    return await open_order(venue, total, dine_in={"tableId": table}, **more)


async def record(venue: Venue, order_id: str, body: Json, **headers: str) -> Json:
    answer: Json = await venue.ok("POST", f"/v1/orders/{order_id}/record-payment", body, **headers)
    return answer


async def refused(venue: Venue, status: int, order_id: str, body: Json, **headers: str) -> str:
    """What the error says; it is the one that belongs to the status."""
    path = f"/v1/orders/{order_id}/record-payment"
    error = await venue.refused(status, "POST", path, body, **headers)
    kinds = {400: "InvalidRequest", 404: "NotFound", 409: "Conflict"}
    assert error["errorType"] == kinds[status]
    message: str = error["debugMessage"]
    return message


async def hear(venue: Venue, paid: Json, status: str) -> None:
    await venue.ok("POST", "/v1/events", event(paid["paymentIntentId"], status))


async def kept(venue: Venue, paid: Json) -> list[Json]:
    """The intent's row, if it left one."""
    sql = "SELECT * FROM payment_intent WHERE venue_id = $1 AND id = $2"
    return await fetch(venue, sql, paid["paymentIntentId"])


async def everything(venue: Venue) -> Json:
    """All that a payment may change, for what must change nothing."""
    tables = ("customer_order", "payment", "payment_intent", "order_lock", "audit_entry")
    return {
        table: await fetch(
            venue, f"SELECT * FROM {table} AS t WHERE venue_id = $1 ORDER BY t::text"
        )
        for table in tables
    }
