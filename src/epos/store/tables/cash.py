"""Cash drawers: what went in and out beside payments; the accounts of the bookkeeper."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Identity,
    Index,
    Table,
    Text,
)

from epos.domain.cash import CashMove
from epos.store.tables.base import Instant, Key, Minor, metadata, one_of, venue_key

account_code = Table(
    "account_code",
    metadata,
    venue_key(),
    Column("name", Key, primary_key=True),
    Column("code", Text, nullable=False),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
)
"""What the bookkeeper calls an account of the journal."""

cash_movement = Table(
    "cash_movement",
    metadata,
    venue_key(),
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("day", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("type", Key, nullable=False),
    Column("drawer", Key, nullable=False),
    Column("amount", Minor, nullable=False),
    Column("reason", Text, nullable=False),
    Column("waiter_id", Key),
    Column("approved_by", Key),
    Column("device_id", Key),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
    one_of("type", CashMove),
    CheckConstraint("amount >= 0", name="amount"),
    Index(None, "venue_id", "day"),
)
"""A row of type `float` replaces the drawer's float of the day. Append-only; none comes to a closed day."""
