"""Receipts that were given to guests, and the last number of each venue."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Table,
    Text,
    UniqueConstraint,
)

from epos.store.tables.base import Instant, JsonText, Key, metadata, one_of, venue_key

RECEIPT_KINDS = ["receipt", "refund"]

receipt_counter = Table(
    "receipt_counter",
    metadata,
    venue_key(),
    Column("last_number", BigInteger, nullable=False),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
    CheckConstraint("last_number > 0", name="last_number"),
)
"""The number of the venue's newest receipt. A row and not a sequence, since a transaction that ends without
a receipt must leave no gap."""

receipt = Table(
    "receipt",
    metadata,
    venue_key(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("order_id", Key, nullable=False),
    Column("kind", Key, nullable=False),
    Column("day", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("fingerprint", Key, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("customer", JsonText),
    Column("refunds", JsonText),
    ForeignKeyConstraint(
        ["venue_id", "order_id"], ["customer_order.venue_id", "customer_order.id"]
    ),
    UniqueConstraint("venue_id", "order_id", "fingerprint"),
    one_of("kind", RECEIPT_KINDS),
    Index(None, "venue_id", "day"),
)
"""A paper with a number: `receipt` for what was paid, `refund` for what went back. `number` is given by a
trigger when the row is inserted: 1, 2, 3 for each venue, without a gap. `fingerprint` is that of what the
paper says about the order; the same again is a copy. `body` is the paper as it was printed, without its
number. `customer`: the name and the address that it is made out to. `refunds`: the ids of the refunds on
it, null in rows of older versions, which have all that there were. Append-only."""
