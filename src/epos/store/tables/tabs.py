"""Tabs: what a till knows of its own orders beyond what the contract shows."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from epos.store.tables.base import Instant, JsonText, Key, Minor, metadata, venue_key

tab = Table(
    "tab",
    metadata,
    venue_key(),
    Column("order_id", Key, primary_key=True),
    Column("covers", Integer),
    Column("service_charge_rate", Integer, nullable=False),
    Column("service_charge_bears_vat", Boolean, nullable=False),
    Column("discount", JsonText),
    Column("as_split", JsonText),
    Column("as_refunded", JsonText),
    Column("rounds", Integer, nullable=False, server_default=text("0")),
    Column("opened_by", Key),
    Column("merged_into", Key),
    Column("takeaway", Boolean),
    Column("billed_total", Minor),
    ForeignKeyConstraint(
        ["venue_id", "order_id"], ["customer_order.venue_id", "customer_order.id"]
    ),
    ForeignKeyConstraint(
        ["venue_id", "merged_into"], ["customer_order.venue_id", "customer_order.id"]
    ),
    CheckConstraint("service_charge_rate BETWEEN 0 AND 10000", name="service_charge_rate"),
)
"""One for each order of origin `till`. `discount` is the one on the whole order. `as_split` has the exact
shares of what a split divided, until the tab changes; `as_refunded` those of what was given back. `rounds`
is how often it was sent to the kitchen. `billed_total`: what the bill came to that a guest saw last, less
what was taken off since. `takeaway`: how lines that are added are sold, if staff said it of the tab."""

tab_line = Table(
    "tab_line",
    metadata,
    venue_key(),
    Column("id", Key, primary_key=True),
    Column("order_id", Key, nullable=False),
    Column("position", Integer, nullable=False),
    Column("plu", Key, nullable=False),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("vat_rate", Integer, nullable=False),
    Column("price", Minor, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("modifiers", JsonText, nullable=False, server_default=text("'[]'")),
    Column("sub_items", JsonText, nullable=False, server_default=text("'[]'")),
    Column("note", Text),
    Column("cover", Integer),
    Column("discounts", JsonText, nullable=False, server_default=text("'[]'")),
    Column("sent_round", Integer),
    Column("sent_at", Instant),
    Column("void_reason", Text),
    Column("voided_by", Key),
    Column("voided_at", Instant),
    Column("added_at", Instant, nullable=False),
    Column("added_by", Key),
    Column("takeaway", Boolean, nullable=False, server_default=text("false")),
    Column("other", JsonText),
    Column("piece", JsonText),
    ForeignKeyConstraint(["venue_id", "order_id"], ["tab.venue_id", "tab.order_id"]),
    UniqueConstraint(
        "venue_id", "order_id", "position", deferrable=True, initially="DEFERRED"
    ),  # lines are put between others, and moved together
    CheckConstraint("quantity BETWEEN 1 AND 1000000", name="quantity"),
    CheckConstraint("vat_rate BETWEEN 0 AND 10000", name="vat_rate"),
    CheckConstraint("(sent_round IS NULL) = (sent_at IS NULL)", name="sent"),
    CheckConstraint("(void_reason IS NULL) = (voided_at IS NULL)", name="voided"),
)
"""A line as it was sold: name, category, price and VAT rate are the menu's of that moment. A line is
voided, never deleted. `takeaway`: the guests take it away; `other` has price and VAT rate of the other
way, where it differs. `piece`: of a line that was split by parts, the part that this is, as start, end and
number of equal parts."""
