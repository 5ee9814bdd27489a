"""Reservations and the tables kept for them. Overlaps are allowed: Dojo knows its diary."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from epos.store.tables.base import Instant, Key, finite, metadata, one_of, venue_key

reservation = Table(
    "reservation",
    metadata,
    venue_key(),
    Column("id", Key, primary_key=True),
    Column("dojo_reservation_id", Key),
    Column("fingerprint", Key),
    Column("name", Text, nullable=False),
    Column("covers", Integer, nullable=False),
    Column("start_time", Instant, nullable=False),
    Column("end_time", Instant, nullable=False),
    Column("host_notes", Text),
    Column("guest_requests", Text),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    Column("status", Key, nullable=False, server_default=text("'booked'")),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
    one_of("status", ("booked", "canceled", "no-show")),
    finite("start_time", "end_time"),
    CheckConstraint("end_time > start_time", name="end_time"),
    CheckConstraint("covers >= 0", name="covers"),
    Index(
        "uq_reservation_dojo_reservation_id",
        "venue_id",
        "dojo_reservation_id",
        unique=True,
        postgresql_where=text("deleted_at IS NULL"),
    ),
    Index(None, "venue_id", "start_time", "id", postgresql_where=text("deleted_at IS NULL")),
    Index(None, "venue_id", "end_time", postgresql_where=text("deleted_at IS NULL")),
    Index(
        "ix_reservation_ended",
        "venue_id",
        "status",
        "start_time",
        "id",
        postgresql_where=text("deleted_at IS NOT NULL"),
    ),
)
"""`fingerprint` and `version` are as a party's. Overlaps are searched by the start or by the end.
`status`: why one that is marked as deleted is not expected any more."""

reservation_table = Table(
    "reservation_table",
    metadata,
    venue_key(),
    Column("reservation_id", Key, primary_key=True),
    Column("table_id", Key, primary_key=True),
    Column("position", Integer, nullable=False),
    ForeignKeyConstraint(
        ["venue_id", "reservation_id"], ["reservation.venue_id", "reservation.id"]
    ),
    ForeignKeyConstraint(["venue_id", "table_id"], ["dining_table.venue_id", "dining_table.id"]),
    Index(None, "venue_id", "table_id"),
)
