"""How venues are connected to Dojo: the link, what is to be announced, and who does it."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from epos.domain.dojo import Entity, Transport
from epos.store.tables.base import Instant, Key, metadata, one_of, venue_key

dojo_link = Table(
    "dojo_link",
    metadata,
    venue_key(),
    Column("transport", Key, nullable=False),
    Column("software_house_id", Text, nullable=False),
    Column("reseller_id", Text),
    Column("api_url", Text, nullable=False),
    Column("ws_url", Text, nullable=False),
    Column("public_url", Text),
    Column("api_key_sealed", Text),
    Column("verifies_payments", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("updated_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
    one_of("transport", Transport),
    CheckConstraint("transport <> 'rest' OR public_url IS NOT NULL", name="public_url"),
)
"""A venue that is connected to Dojo. `api_key_sealed` is null when the environment has the key."""

outbox = Table(
    "outbox",
    metadata,
    venue_key(),
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("entity", Key, nullable=False),
    Column("entity_id", Key, nullable=False),
    Column("created_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("due_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("claimed_until", Instant),
    Column("fence", BigInteger),
    Column("parked_at", Instant),
    Column("last_error", Text),
    one_of("entity", Entity),
    Index(None, "venue_id", "entity", "entity_id", "id"),
)
"""One row per committed change, inserted by triggers on the tables of the entities. No foreign key:
it would make every payment of a venue lock the venue's one row."""

lease = Table(
    "lease",
    metadata,
    venue_key(),
    Column("name", Key, primary_key=True),
    Column("holder", Key, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("expires_at", Instant, nullable=False),
    ForeignKeyConstraint(["venue_id"], ["venue.id"]),
)
"""Which process does something for a venue. The row stays, so that `fence` only ever grows."""
