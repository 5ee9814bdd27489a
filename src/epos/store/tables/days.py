"""Business days, and the journal that their reports are made from."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from epos.domain.payments import PaymentSource, PaymentStatus
from epos.store.tables.base import Instant, JsonText, Key, Minor, metadata, one_of, venue_key

business_day = Table(
    "business_day",
    metadata,
    venue_key(),
    Column("day", Date, primary_key=True),
    Column("opened_at", Instant),
    Column("opened_by", Key),
    Column("opening_float", Minor),
    Column("closed_at", Instant),
    Column("closed_by", Key),
    Column("counted_cash", Minor),
    Column("report", JsonText),
    Column("owed_at_end", Minor),
    Column("z_number", Integer),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
    CheckConstraint("opening_float >= 0", name="opening_float"),
    CheckConstraint("counted_cash >= 0", name="counted_cash"),
    CheckConstraint("num_nulls(closed_at, report, owed_at_end) IN (0, 3)", name="closed"),
    CheckConstraint("(closed_at IS NULL) = (z_number IS NULL)", name="z_number"),
    UniqueConstraint("venue_id", "z_number"),
)
"""A day that staff opened or closed. `report` is what was true when it closed; no entry comes to a
closed day. `owed_at_end`: what all orders were still to pay, less what was to be given back. `z_number`
counts the closed days of the venue, without a gap."""

_KINDS = [
    *("item", "order", "discount", "refund", "service_charge", "vat", "order_vat", "void"),
    *("derived", "derived_vat"),
]

sale_entry = Table(
    "sale_entry",
    metadata,
    venue_key(),
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("day", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("order_id", Key, nullable=False),
    Column("waiter_id", Key),
    Column("area_id", Key),
    Column("kind", Key, nullable=False),
    Column("plu", Key),
    Column("name", Text),
    Column("category", Text),
    Column("vat_rate", BigInteger),
    Column("amount", Minor, nullable=False),
    Column("count", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["venue_id", "order_id"], ["customer_order.venue_id", "customer_order.id"]
    ),
    one_of("kind", _KINDS),
    Index(None, "venue_id", "day"),
    Index(None, "venue_id", "order_id"),
)
"""What an order's total consists of, as changes: a line added is an entry, a line voided takes it back.
`item`, `order` (of Dojo, whose content is not ours to divide), `discount`, `refund` and `service_charge`
sum to the totals of the orders that are not cancelled; `vat`, `order_vat` (as Dojo says), `derived` and
`derived_vat` (of orders of Dojo's, by the menu; without a rate: unknown) and `void` only inform.
`waiter_id`: whose order it was, `area_id`: where its table was; when it goes to another waiter or area, so
do its entries. An `item` has a `plu` and a `name`, unless a version that did not know them entered it.
Written by a trigger on customer_order in the transaction of the change; append-only."""

takings_entry = Table(
    "takings_entry",
    metadata,
    venue_key(),
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("day", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("order_id", Key, nullable=False),
    Column("payment_id", Key, nullable=False),
    Column("waiter_id", Key),
    Column("source", Key, nullable=False),
    Column("method", Key),
    Column("status", Key, nullable=False),
    Column("paid", Minor, nullable=False),
    Column("tips", Minor, nullable=False),
    Column("partly_refunded", Minor, nullable=False, server_default=text("0")),
    Column("of_day", Date, nullable=False),
    ForeignKeyConstraint(["venue_id", "payment_id"], ["payment.venue_id", "payment.id"]),
    one_of("source", PaymentSource),
    one_of("status", PaymentStatus),
    Index(None, "venue_id", "day"),
    Index(None, "venue_id", "payment_id"),
)
"""The ledger as changes: a payment is an entry, its end takes it back on the day it is heard. `of_day` is
the day of the payment. `partly_refunded`: of `paid` and `tips`, what was given back without ending the
payment. `waiter_id`: whose order it is, else who took the money. Written by a trigger on
payment; append-only."""
