"""What the day's report lists one by one."""

from sqlalchemy import BigInteger, Column, Date, ForeignKeyConstraint, Identity, Index, Table, Text

from epos.domain.incidents import IncidentKind
from epos.store.tables.base import Instant, Key, Minor, metadata, one_of, venue_key

incident = Table(
    "incident",
    metadata,
    venue_key(),
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("day", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", Key, nullable=False),
    Column("order_id", Key, nullable=False),
    Column("reference", Text, nullable=False),
    Column("table_id", Key),
    Column("amount", Minor, nullable=False),
    Column("count", BigInteger),
    Column("reason", Text),
    Column("waiter_id", Key),
    Column("approved_by", Key),
    ForeignKeyConstraint(
        ["venue_id", "order_id"], ["customer_order.venue_id", "customer_order.id"]
    ),
    one_of("kind", IncidentKind),
    Index(None, "venue_id", "day"),
)
"""What was taken off, given away, given back or opened again, in the transaction that did it. `reference`
and `table_id` are the order's of that moment. Append-only; none comes to a closed day."""
