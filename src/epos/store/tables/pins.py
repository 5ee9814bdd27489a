"""The attempts at PINs."""

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, Integer, Table, text

from epos.store.tables.base import Instant, Key, metadata, venue_key

pin_attempts = Table(
    "pin_attempts",
    metadata,
    venue_key(),
    Column("waiter_id", Key, primary_key=True),
    Column("credential", Key, primary_key=True),
    Column("device_id", Key, primary_key=True),
    Column("tried", BigInteger, nullable=False, server_default=text("0")),
    Column("forgiven", BigInteger, nullable=False, server_default=text("0")),
    Column("pending", Integer, nullable=False, server_default=text("0")),
    Column("since", Instant, nullable=False),
    Column("touched_at", Instant, nullable=False),
    Column("next_at", Instant),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
    Index(None, "venue_id", "touched_at"),
)
"""One count of `domain/pins.py`. Empty text in the key means all: the count of a waiter has only
`waiter_id`, that of a credential only `credential`, that of the venue neither. A waiter's on a device has
both, and an empty `device_id` where the requests name none."""
