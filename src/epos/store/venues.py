"""The venue itself: its settings and its clock."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from epos.domain.venue import NewVenue
from epos.store.repository import Repository
from epos.store.statements import Connection, Record, Statement
from epos.store.tables import party, tab, venue, waiter
from epos.store.tables.base import Instant, Key
from epos.store.visibility import VENUE

_HERE = venue.c.id == bindparam("venue_id")
NOW = func.coalesce(
    venue.c.clock_frozen_at, func.clock_timestamp(type_=Instant) + venue.c.clock_offset
)
"""The venue's time, for a statement that reads `venue`."""
_NOW = Statement(select(NOW).where(_HERE))
_PROFILE = Statement(
    select(
        venue.c.name,
        venue.c.currency,
        venue.c.time_zone,
        venue.c.accepts_orders,
        venue.c.tax_number,
        venue.c.refuses_sold_out_orders,
        venue.c.service_charge_bears_vat,
    ).where(_HERE)
)
_BILL_PROFILE = Statement(
    select(
        venue.c.name,
        venue.c.address_lines,
        venue.c.postcode,
        venue.c.phone_number,
        venue.c.email_address,
        venue.c.tax_number,
        venue.c.website,
        venue.c.bill_message,
        venue.c.time_zone,
        NOW.label("now"),
        select(waiter.c.name)
        .where(waiter.c.venue_id == VENUE, waiter.c.id == bindparam("waiter_id", type_=Key))
        .scalar_subquery()
        .label("waiter_name"),
        func.coalesce(
            select(tab.c.covers)
            .where(tab.c.venue_id == VENUE, tab.c.order_id == bindparam("order_id", type_=Key))
            .scalar_subquery(),
            select(party.c.covers)
            .where(party.c.venue_id == VENUE, party.c.id == bindparam("party_id", type_=Key))
            .scalar_subquery(),
        ).label("covers"),
        *(
            select(party.c[name])
            .where(party.c.venue_id == VENUE, party.c.id == bindparam("party_id", type_=Key))
            .scalar_subquery()
            .label(name)
            for name in ("deposit_amount", "deposit_currency", "deposit_description")
        ),
        select(func.coalesce(tab.c.billed_total, 0))
        .where(tab.c.venue_id == VENUE, tab.c.order_id == bindparam("order_id", type_=Key))
        .scalar_subquery()
        .label("billed_total"),
        select(tab.c.service_charge_rate)
        .where(
            tab.c.venue_id == VENUE,
            tab.c.order_id == bindparam("order_id", type_=Key),
            ~tab.c.service_charge_bears_vat,
        )
        .scalar_subquery()
        .label("optional_charge_rate"),
    ).where(_HERE)
)
_LAST_ACCOUNT = Statement(select(venue.c.last_account_id).where(_HERE))
_REMEMBER_ACCOUNT = Statement(
    update(venue).where(_HERE).values(last_account_id=bindparam("account_id"))
)

_ADD = Statement(
    insert(venue).on_conflict_do_nothing().returning(venue.c.id),
    columns=["id", "name", "currency", "time_zone", "access_policy"],
)
KNOWS_ZONE = Statement(
    text("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = CAST(:zone AS text))")
)
_EXISTS = Statement(select(venue.c.id).where(_HERE))
_LIST = Statement(
    select(
        venue.c.id, venue.c.name, venue.c.currency, venue.c.time_zone, venue.c.access_policy
    ).order_by(venue.c.id)
)


async def add(connection: Connection, new: NewVenue) -> bool:
    """False if there is a venue with this id."""
    added = await _ADD.first(
        connection,
        id=new.id,
        name=new.name,
        currency=new.currency,
        time_zone=new.time_zone,
        access_policy=new.access_policy,
    )
    return added is not None


async def knows_time_zone(connection: Connection, name: str) -> bool:
    """Whether PostgreSQL knows the time zone: every sale would fail with an unknown one."""
    known: bool = await KNOWS_ZONE.value(connection, zone=name)
    return known


async def exists(connection: Connection, venue_id: str) -> bool:
    return await _EXISTS.first(connection, venue_id=venue_id) is not None


async def listed(connection: Connection) -> list[Record]:
    """All venues: for the operator, never for a request."""
    return await _LIST.all(connection)


@dataclass(frozen=True, slots=True)
class Venue:
    """The settings of a venue that rules need. `time_zone` is an IANA name."""

    name: str
    currency: str
    time_zone: str
    accepts_orders: bool
    tax_number: str | None
    refuses_sold_out_orders: bool
    service_charge_bears_vat: bool


@dataclass(frozen=True, slots=True)
class BillProfile:
    """What a bill prints around its order: the venue, its time, the waiter and the covers.

    `waiter_name` is None where the order's waiter is unknown; `covers` are the tab's, else the party's.
    """

    name: str
    address_lines: list[str]
    postcode: str | None
    phone_number: str | None
    email_address: str | None
    tax_number: str | None
    website: str | None
    bill_message: str | None
    time_zone: str
    now: datetime
    waiter_name: str | None
    covers: int | None
    deposit_amount: int | None
    """What the party paid before it came, in minor units."""
    deposit_currency: str | None
    deposit_description: str | None
    billed_total: int | None
    """What the tab's bill came to that a guest saw last, 0 if nobody did; None for an order of Dojo's."""
    optional_charge_rate: int | None
    """The rate of a tab's voluntary service charge; None for a compulsory one and for Dojo's orders."""


class VenueRepository(Repository):
    async def now(self) -> datetime:
        """The venue's time. Read it once per transaction, after the last lock."""
        now: datetime = await self._value(_NOW)
        return now

    async def profile(self) -> Venue:
        row = await self._first(_PROFILE)
        if row is None:
            raise LookupError(self._venue_id)
        return Venue(**row)

    async def bill_profile(self, order: Record) -> BillProfile:
        """For an order with its waiter and party; one statement."""
        row = await self._first(
            _BILL_PROFILE,
            order_id=order["id"],
            waiter_id=order["waiter_id"],
            party_id=order["party_id"],
        )
        if row is None:
            raise LookupError(self._venue_id)
        return BillProfile(**row)

    async def last_account(self) -> str | None:
        account: str | None = await self._value(_LAST_ACCOUNT)
        return account

    async def remember_account(self, account_id: str) -> None:
        await self._run(_REMEMBER_ACCOUNT, account_id=account_id)
