"""Areas, tables and waiters, and who looks after what."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from epos.store.tables.base import Instant, Key, metadata, venue_key

area = Table(
    "area",
    metadata,
    venue_key(),
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
    UniqueConstraint("venue_id", "name"),
)

waiter = Table(
    "waiter",
    metadata,
    venue_key(),
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("is_manager", Boolean, nullable=False, server_default=text("false")),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
)

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
    ForeignKeyConstraint(["venue_id", "area_id"], ["area.venue_id", "area.id"]),
    UniqueConstraint("venue_id", "area_id", "name"),
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
