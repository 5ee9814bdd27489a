"""Requests of tills that may come again, with what they were answered."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Table, Text

from epos.store.tables.base import Instant, Key, metadata, venue_key

till_write = Table(
    "till_write",
    metadata,
    venue_key(),
    Column("key", Key, primary_key=True),
    Column("operation", Key, nullable=False),
    Column("fingerprint", Key, nullable=False),
    Column("answer", Text),
    Column("created_at", Instant, nullable=False),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
    Index(None, "venue_id", "created_at"),
)
"""One for each key that a till sent with a write, written in the transaction of that write. `answer` is
the JSON that was answered, empty where an operation answers nothing; null only inside the transaction."""
