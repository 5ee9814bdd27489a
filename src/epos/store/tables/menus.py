"""What the venue sells. Lines of tabs are copies: nothing that was sold refers to the menu."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from epos.store.tables.base import JsonText, Key, Minor, metadata, venue_key

_LARGEST = 10**12
_VAT_RATE = CheckConstraint("vat_rate BETWEEN 0 AND 10000", name="vat_rate")

menu_category = Table(
    "menu_category",
    metadata,
    venue_key(),
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
    UniqueConstraint("venue_id", "name"),
)

menu_item = Table(
    "menu_item",
    metadata,
    venue_key(),
    Column("plu", Key, primary_key=True),
    Column("category_id", Key, nullable=False),
    Column("name", Text, nullable=False),
    Column("price", Minor),
    Column("vat_rate", Integer, nullable=False),
    Column("is_available", Boolean, nullable=False, server_default=text("true")),
    Column("position", Integer, nullable=False),
    Column("takeaway_price", Minor),
    Column("takeaway_vat_rate", Integer),
    Column("parts", JsonText),
    ForeignKeyConstraint(
        ["venue_id", "category_id"], ["menu_category.venue_id", "menu_category.id"]
    ),
    CheckConstraint(f"price BETWEEN 0 AND {_LARGEST}", name="price"),
    _VAT_RATE,
    CheckConstraint(f"takeaway_price BETWEEN 0 AND {_LARGEST}", name="takeaway_price"),
    CheckConstraint("takeaway_vat_rate BETWEEN 0 AND 10000", name="takeaway_vat_rate"),
    Index(None, "venue_id", "category_id", "position"),
)
"""`price` includes VAT; null is an open price, said when it is sold. `vat_rate` is in hundredths of a
percent. `takeaway_vat_rate`: for what is taken away, with `takeaway_price`, or `price` where that is null.
`parts`: the items of a deal."""

menu_modifier = Table(
    "menu_modifier",
    metadata,
    venue_key(),
    Column("item_plu", Key, primary_key=True),
    Column("plu", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("price", Minor, nullable=False),
    Column("is_available", Boolean, nullable=False, server_default=text("true")),
    Column("position", Integer, nullable=False),
    ForeignKeyConstraint(
        ["venue_id", "item_plu"], ["menu_item.venue_id", "menu_item.plu"], ondelete="CASCADE"
    ),
    CheckConstraint(f"price BETWEEN -{_LARGEST} AND {_LARGEST}", name="price"),
)
"""What can be asked for with an item. It bears the item's VAT; its price may take something off."""
