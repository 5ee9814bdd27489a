"""Parties that are or were seated."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from epos.store.tables.base import Instant, Key, Minor, finite, metadata, one_of, venue_key

party = Table(
    "party",
    metadata,
    venue_key(),
    Column("id", Key, primary_key=True),
    Column("dojo_party_id", Key),
    Column("fingerprint", Key),
    Column("name", Text),
    Column("covers", Integer),
    Column("status", Text, nullable=False),
    Column("start_time", Instant, nullable=False),
    Column("expected_end_time", Instant),
    Column("end_time", Instant),
    Column("host_notes", Text),
    Column("guest_requests", Text),
    Column("reservation_id", Key),
    Column("deposit_amount", Minor),
    Column("deposit_currency", Key),
    Column("deposit_description", Text),
    Column("deposit_intent_ids", ARRAY(Text)),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    Column(
        "is_live",
        Boolean,
        Computed("end_time IS NULL AND deleted_at IS NULL", persisted=True),
        nullable=False,
    ),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
    ForeignKeyConstraint(
        ["venue_id", "reservation_id"], ["reservation.venue_id", "reservation.id"]
    ),
    one_of("deposit_currency", ["GBP", "EUR"]),
    finite("start_time", "expected_end_time", "end_time"),
    CheckConstraint("end_time >= start_time", name="end_time"),
    CheckConstraint("covers >= 0", name="covers"),
    CheckConstraint("status <> ''", name="status"),
    Index(
        "uq_party_dojo_party_id",
        "venue_id",
        "dojo_party_id",
        unique=True,
        postgresql_where=text("deleted_at IS NULL"),
    ),
    Index("ix_party_live", "venue_id", "start_time", "id", postgresql_where=text("is_live")),
    Index(
        "ix_party_completed",
        "venue_id",
        "start_time",
        "id",
        postgresql_where=text("NOT is_live AND deleted_at IS NULL"),
    ),
    Index(None, "venue_id", "reservation_id", postgresql_where=text("reservation_id IS NOT NULL")),
)
"""Live: no end time and not deleted. A deleted party keeps its row, for the orders that name it.
`fingerprint` is that of the request of Dojo's that made it. `version` grows with each change of the row."""

party_table = Table(
    "party_table",
    metadata,
    venue_key(),
    Column("party_id", Key, primary_key=True),
    Column("table_id", Key, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("is_live", Boolean, nullable=False),
    ForeignKeyConstraint(["venue_id", "party_id"], ["party.venue_id", "party.id"]),
    ForeignKeyConstraint(["venue_id", "table_id"], ["dining_table.venue_id", "dining_table.id"]),
    Index(
        "uq_party_table_live",
        "venue_id",
        "table_id",
        unique=True,
        postgresql_where=text("is_live"),
    ),
    Index(None, "venue_id", "table_id"),
)
"""`is_live` follows the party through triggers, so that a partial unique index can refuse a
second live party on a table, whatever the timing."""
