"""Vouchers and gift cards that the venue sold."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKeyConstraint, Index, Table, text

from epos.store.tables.base import Instant, Key, Minor, metadata, one_of, venue_key

voucher = Table(
    "voucher",
    metadata,
    venue_key(),
    Column("id", Key, primary_key=True),
    Column("day", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("amount", Minor, nullable=False),
    Column("redeemed", Minor, nullable=False, server_default=text("0")),
    Column("source", Key, nullable=False),
    Column("method", Key),
    Column("waiter_id", Key),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("redeemed BETWEEN 0 AND amount", name="redeemed"),
    one_of("source", ["cash", "other"]),
    CheckConstraint("(source = 'other') = (method IS NOT NULL)", name="method"),
    Index(None, "venue_id", "day"),
)
"""`id` is the code on the voucher. `redeemed`: what the payments with it count, kept by a trigger on
payment. `source` and `method`: how it was paid when it was sold. `day`: the business day of the sale, by a
trigger."""
