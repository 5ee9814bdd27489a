"""Locks on orders, which are leases that the database keeps; and the turns of requests."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Table, text

from epos.domain.locks import LockHolder
from epos.store.tables.base import Instant, Key, finite, metadata, one_of, venue_key

order_lock = Table(
    "order_lock",
    metadata,
    venue_key(),
    Column("order_id", Key, primary_key=True),
    Column("lock_id", Key, primary_key=True),
    Column("holder", Key, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("released_at", Instant),
    Column("release_reason", Key),
    Column("waiter_id", Key),
    Column("device_id", Key),
    Column("product", Key),
    Column("credential", Key, nullable=False),
    ForeignKeyConstraint(
        ["venue_id", "order_id"], ["customer_order.venue_id", "customer_order.id"]
    ),
    finite("expires_at"),
    one_of("holder", LockHolder),
    one_of("release_reason", ["released", "expired", "broken"]),
    CheckConstraint("(released_at IS NULL) = (release_reason IS NULL)", name="released"),
    Index(
        "uq_order_lock_unreleased",
        "venue_id",
        "order_id",
        unique=True,
        postgresql_where=text("released_at IS NULL"),
    ),
)
"""All locks are kept; one on an order is unreleased, and live until it expires by the venue's clock."""

turn = Table(
    "turn",
    metadata,
    venue_key(),
    Column("name", Key, primary_key=True),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
)
"""Rows that say nothing: who locks one has a turn, among all requests whose keys share it."""
