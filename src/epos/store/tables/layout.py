"""Areas, tables and waiters, and who looks after what."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from epos.store.tables.base import Instant, Key, metadata, venue_key

IS_THERE = "removed_at IS NULL"

area = Table(
    "area",
    metadata,
    venue_key(),
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("removed_at", Instant),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
    Index("uq_area_name", "venue_id", "name", unique=True, postgresql_where=text(IS_THERE)),
)
"""What was removed keeps its row, for what happened there."""

waiter = Table(
    "waiter",
    metadata,
    venue_key(),
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("is_manager", Boolean, nullable=False, server_default=text("false")),
    Column("pin_hash", Text),
    Column("removed_at", Instant),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
)
"""`pin_hash` is argon2's."""

area_waiter = Table(
    "area_waiter",
    metadata,
    venue_key(),
    Column("area_id", Key, primary_key=True),
    Column("waiter_id", Key, primary_key=True),
    ForeignKeyConstraint(["venue_id", "area_id"], ["area.venue_id", "area.id"]),
    ForeignKeyConstraint(["venue_id", "waiter_id"], ["waiter.venue_id", "waiter.id"]),
)

dining_table = Table(
    "dining_table",
    metadata,
    venue_key(),
    Column("id", Key, primary_key=True),
    Column("area_id", Key, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Key, nullable=False),
    Column("max_covers", Integer),
    Column("freed_at", Instant),
    Column("removed_at", Instant),
    ForeignKeyConstraint(["venue_id", "area_id"], ["area.venue_id", "area.id"]),
    Index(
        "uq_dining_table_name",
        *("venue_id", "area_id", "name"),
        unique=True,
        postgresql_where=text(IS_THERE),
    ),
    Index(None, "venue_id", "area_id", "name_key", "id"),
)
"""`name_key` sorts names naturally; `freed_at` is when we last heard that the table became free."""

table_waiter = Table(
    "table_waiter",
    metadata,
    venue_key(),
    Column("table_id", Key, primary_key=True),
    Column("waiter_id", Key, primary_key=True),
    ForeignKeyConstraint(["venue_id", "table_id"], ["dining_table.venue_id", "dining_table.id"]),
    ForeignKeyConstraint(["venue_id", "waiter_id"], ["waiter.venue_id", "waiter.id"]),
)
