"""The audit trail: one row per mutation, in its transaction; a trigger refuses changes to it."""

from sqlalchemy import BigInteger, Column, Identity, Index, Table

from epos.store.tables.base import Instant, JsonText, Key, metadata, venue_key

audit_entry = Table(
    "audit_entry",
    metadata,
    venue_key(),
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("action", Key, nullable=False),
    Column("subject_id", Key, nullable=False),
    Column("credential", Key, nullable=False),
    Column("waiter_id", Key),
    Column("product", Key),
    Column("device_id", Key),
    Column("device_type", Key),
    Column("trace_id", Key, nullable=False),
    Column("details", JsonText, nullable=False),
    Index(None, "venue_id", "subject_id", "id"),
)
"""`details` holds ids, amounts and states; never guests' names, notes or contacts."""
