"""Venues and the credentials that speak for them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    Interval,
    Table,
    Text,
    Time,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from epos.store.tables.base import Instant, JsonText, Key, metadata, one_of, venue_key

venue = Table(
    "venue",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("currency", Key, nullable=False),
    Column("time_zone", Key, nullable=False),
    Column("access_policy", Key, nullable=False, server_default="open"),
    Column("accepts_orders", Boolean, nullable=False, server_default=text("true")),
    Column("finalizes_paid_tabs", Boolean, nullable=False, server_default=text("true")),
    Column("address_lines", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("postcode", Text),
    Column("phone_number", Text),
    Column("email_address", Text),
    Column("tax_number", Text),
    Column("website", Text),
    Column("bill_message", Text),
    Column("service_charge_rate", Integer, nullable=False, server_default=text("0")),
    Column("service_charge_bears_vat", Boolean, nullable=False, server_default=text("false")),
    Column("closing_time", Time, nullable=False, server_default=text("'04:00'")),
    Column("has_drawer_per_device", Boolean, nullable=False, server_default=text("false")),
    Column("cash_needs_approval", Boolean, nullable=False, server_default=text("false")),
    Column("refuses_sold_out_orders", Boolean, nullable=False, server_default=text("false")),
    Column("limits", JsonText, nullable=False, server_default=text("'{}'")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("clock_offset", Interval, nullable=False, server_default=text("'0'")),
    Column("clock_frozen_at", Instant),
    Column("last_account_id", Key),
    Column("created_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    UniqueConstraint("id", "currency"),
    one_of("currency", ["GBP", "EUR"]),
    one_of("access_policy", ["open", "assigned"]),
    CheckConstraint("service_charge_rate BETWEEN 0 AND 10000", name="service_charge_rate"),
    CheckConstraint("id ~ '^[a-z0-9][a-z0-9-]{0,39}$'", name="id"),
)
"""`accepts_orders`: a Dojo order starts Accepted, else it waits for staff as Submitted.
`finalizes_paid_tabs`: a tab paid in full closes by itself, else staff close it.
From `address_lines` to `bill_message`: what a bill prints around the order.
`service_charge_rate`, in hundredths of a percent, is what a new tab starts with; a compulsory charge bears
its items' VAT. `closing_time`, in the venue's zone, is when one business day ends and the next begins.
`has_drawer_per_device`: each device has a cash drawer, else the venue has one. `cash_needs_approval`: a
manager approves what moves in a drawer beside payments. `refuses_sold_out_orders`: an order of Dojo's with
something that has run out is refused. `limits`: above which a value has to be confirmed
(`domain.limits`); what is not in it has its default. `version` counts changes of the set-up. Orders refer
to the currency: with the first one it is settled.
`clock_offset` and `clock_frozen_at` move the venue's clock; tests and simulations set them."""

credential = Table(
    "credential",
    metadata,
    venue_key(),
    Column("name", Key, primary_key=True),
    Column("role", Key, nullable=False),
    Column("secret_sha256", Key, nullable=False),
    Column("created_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("revoked_at", Instant),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
    one_of("role", ["dojo", "till", "admin"]),
    CheckConstraint("name ~ '^[a-z0-9][a-z0-9-]{0,39}$'", name="name"),
)
"""HTTP Basic: the user name is `<venue id>.<name>`. Only the SHA-256 of the 256-bit secret is kept."""

test_venue = Table(
    "test_venue",
    metadata,
    venue_key(),
    Column("kind", Key, nullable=False),
    Column("seed", BigInteger),
    Column("made_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
    one_of("kind", ["empty", "demo"]),
)
"""The mark of a venue that was made for tests. Without it, the control API touches no venue."""
