"""Cash drawers: what went in and out beside payments; the accounts of the bookkeeper."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
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

drawer_z = Table(
    "drawer_z",
    metadata,
    venue_key(),
    Column("drawer", Key, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("closed_by", Key),
    Column("opening_float", Minor, nullable=False),
    Column("taken", Minor, nullable=False),
    Column("given_back", Minor, nullable=False),
    Column("paid_in", Minor, nullable=False),
    Column("paid_out", Minor, nullable=False),
    Column("to_safe", Minor, nullable=False),
    Column("counted", Minor),
    Column("movements", Integer, nullable=False),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
    CheckConstraint("number > 0", name="number"),
    CheckConstraint("counted >= 0", name="counted"),
    Index(None, "venue_id", "day"),
)
"""A drawer that was closed: what happened in it since it was closed before, or since the day began.
`number` counts the closings of each drawer, without a gap. `opening_float`: what was in it at the start.
Append-only; none comes to a closed day."""
