"""Orders: typed columns for all that is searched or summed, the rest in `content`."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Computed,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)

from epos.domain.order_status import CLOSED, OrderStatus
from epos.store.tables.base import (
    Instant,
    JsonText,
    Key,
    Minor,
    finite,
    metadata,
    one_of,
    venue_key,
)

IS_OPEN = "status NOT IN ({})".format(", ".join(f"'{status}'" for status in sorted(CLOSED)))
IS_PAYABLE = f"{IS_OPEN} AND paid_amount < total_amount"
_OWED = (
    "CASE status WHEN 'Canceled'::text THEN 0::bigint WHEN 'Failed'::text THEN 0::bigint"
    " ELSE total_amount END - paid_amount"
)
HAS_OTHER_PRICES: ColumnElement[bool] = literal_column("customer_order.derived ? 'prices'").label(
    "has_other_prices"
)
"""Whether an order of Dojo's has prices that are not the menu's; null where the menu said nothing."""
OF_WAITER, OF_TABLE, OF_NOBODY = "waiter ", "table ", "nobody"

customer_order = Table(
    "customer_order",
    metadata,
    venue_key(),
    Column("id", Key, primary_key=True),
    Column("origin", Key, nullable=False),
    Column("dojo_order_id", Key),
    Column("fingerprint", Key),
    Column("status", Key, nullable=False),
    Column("status_reason", Text),
    Column("currency", Key, nullable=False),
    Column("total_amount", Minor, nullable=False),
    Column("service_charge_amount", Minor),
    Column("paid_amount", Minor, nullable=False, server_default=text("0")),
    Column("tips_amount", Minor, nullable=False, server_default=text("0")),
    Column("refund_amount", Minor, nullable=False, server_default=text("0")),
    Column("owed", Minor, Computed(_OWED, persisted=True), nullable=False),
    Column("order_type", Key, nullable=False),
    Column("table_id", Key),
    Column("area_id", Key),
    Column("waiter_id", Key),
    Column(
        "belongs_to",
        Key,
        Computed(
            f"coalesce('{OF_WAITER}' || waiter_id, '{OF_TABLE}' || table_id, '{OF_NOBODY}')",
            persisted=True,
        ),
        nullable=False,
    ),
    Column("party_id", Key),
    Column("reservation_id", Key),
    Column("ready_at", Instant),
    Column("asap", Boolean),
    Column("collect_at", Instant),
    Column("display_name", Text),
    Column("reference", Key, nullable=False),
    Column("reference_is_ours", Boolean, nullable=False),
    Column("note", Text),
    Column("content", JsonText, nullable=False),
    Column("sales", JsonText),
    Column("derived", JsonText),
    Column("held_until", Instant),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    ForeignKeyConstraint(["venue_id", "currency"], ["venue.id", "venue.currency"]),
    ForeignKeyConstraint(["venue_id", "table_id"], ["dining_table.venue_id", "dining_table.id"]),
    ForeignKeyConstraint(["venue_id", "party_id"], ["party.venue_id", "party.id"]),
    ForeignKeyConstraint(
        ["venue_id", "reservation_id"], ["reservation.venue_id", "reservation.id"]
    ),
    UniqueConstraint("venue_id", "dojo_order_id"),
    finite("ready_at", "collect_at"),
    one_of("origin", ["dojo", "till"]),
    one_of("status", OrderStatus),
    one_of("currency", ["GBP", "EUR"]),
    one_of("order_type", ["DineIn", "Collection"]),
    CheckConstraint("paid_amount BETWEEN 0 AND total_amount", name="paid_amount"),
    CheckConstraint("tips_amount >= 0", name="tips_amount"),
    CheckConstraint("refund_amount >= 0", name="refund_amount"),
    CheckConstraint("service_charge_amount >= 0", name="service_charge_amount"),
    CheckConstraint("(origin = 'dojo') = (dojo_order_id IS NOT NULL)", name="dojo_order_id"),
    Index(None, "venue_id", "created_at", "id"),
    Index(
        "ix_customer_order_payable",
        "venue_id",
        "created_at",
        "id",
        postgresql_where=text(IS_PAYABLE),
    ),
    Index(
        "ix_customer_order_open",
        "venue_id",
        "created_at",
        "id",
        postgresql_where=text(IS_OPEN),
    ),
    Index(
        "ix_customer_order_owes",
        "venue_id",
        "created_at",
        "id",
        postgresql_where=text("owed <> 0"),
    ),
    Index(
        None,
        "venue_id",
        "table_id",
        "created_at",
        "id",
        postgresql_where=text("table_id IS NOT NULL"),
        postgresql_include=["belongs_to"],
    ),
    Index(None, "venue_id", "belongs_to", "created_at", "id"),
    Index(
        None,
        "venue_id",
        "party_id",
        "created_at",
        "id",
        postgresql_where=text("party_id IS NOT NULL"),
    ),
    Index(
        None,
        "venue_id",
        "reservation_id",
        "created_at",
        "id",
        postgresql_where=text("reservation_id IS NOT NULL"),
    ),
    Index(
        "uq_customer_order_reference",
        "venue_id",
        "reference",
        unique=True,
        postgresql_where=text(f"reference_is_ours AND {IS_OPEN}"),
    ),
)
"""`paid_amount` and `tips_amount` are what the ledger says; a deferred trigger holds them to it.
`refund_amount`: by so much `total_amount` is smaller because money went back, and no void or discount says
for what. `owed` is what is still to be paid; below 0, for a canceled order with payments, what is to be
given back.
`area_id` is the area that its table was in when the order came to it, for the journal; a trigger
sets it.
`belongs_to` is the waiter or, if there is none, the table by which the access rules decide: its index
lists whatever a waiter reaches, part by part. `fingerprint` is the SHA-256 of CreateOrder as first
received; `content` is the JSON of items, discounts, taxLines and customer. `sales` is what the total
consists of, for the journal (docs/decisions); null for an order of Dojo's whose VAT Dojo said. `derived`:
what the menu said of an order of Dojo's when it came. Until `held_until` a till edits, and
nobody shall pay.
`status_reason` is why staff cancelled, rejected or reopened it, the last time they did."""
