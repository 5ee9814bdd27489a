"""Making a whole venue at once: what no request can do, such as areas, tables and waiters."""

from collections.abc import Awaitable, Callable

from sqlalchemy import bindparam, func, insert, select, update

from epos.domain.natural_order import natural_key
from epos.domain.venue import NewVenue
from epos.store import venues
from epos.store.database import Database
from epos.store.repository import Repository
from epos.store.statements import Statement
from epos.store.tables import area, area_waiter, dining_table, table_waiter, venue, waiter
from epos.store.venue_store import VenueStore
from epos.store.visibility import VENUE

# Whoever comes second waits for the first to finish, not for a lock that two seconds should bring.
_WAIT = Statement(
    select(
        func.set_config("lock_timeout", "8s", True),  # noqa: FBT003 - PostgreSQL's "is local"
        func.set_config("statement_timeout", "8s", True),  # noqa: FBT003
    )
)
_PRINTED = (
    "address_lines",
    "postcode",
    "phone_number",
    "email_address",
    "tax_number",
    "website",
    "bill_message",
)
_SET_PRINTED = Statement(
    update(venue)
    .where(venue.c.id == VENUE)
    .values({name: bindparam(f"new_{name}", type_=venue.c[name].type) for name in _PRINTED})
)
_CHARGE = Statement(
    update(venue).where(venue.c.id == VENUE).values(service_charge_rate=bindparam("rate"))
)
_AREA = Statement(insert(area), columns=["venue_id", "id", "name", "position"])
_WAITER = Statement(insert(waiter), columns=["venue_id", "id", "name", "is_manager"])
_TABLE = Statement(
    insert(dining_table), columns=["venue_id", "id", "area_id", "name", "name_key", "max_covers"]
)
_AREA_WAITER = Statement(insert(area_waiter), columns=["venue_id", "area_id", "waiter_id"])
_TABLE_WAITER = Statement(insert(table_waiter), columns=["venue_id", "table_id", "waiter_id"])


class LayoutWriter(Repository):
    """Writes the floor of a venue that nobody uses yet."""

    async def print_on_bills(self, **printed: str | list[str] | None) -> None:
        """What bills say of the venue: `address_lines` to `bill_message`."""
        await self._run(_SET_PRINTED, **{f"new_{name}": printed.get(name) for name in _PRINTED})

    async def charge_for_service(self, rate: int) -> None:
        """What new tabs start with, in hundredths of a percent; voluntary, so that it bears no VAT."""
        await self._run(_CHARGE, rate=rate)

    async def add_waiter(self, waiter_id: str, name: str, *, is_manager: bool = False) -> None:
        await self._run(_WAITER, id=waiter_id, name=name, is_manager=is_manager)

    async def add_area(self, area_id: str, name: str, position: int) -> None:
        await self._run(_AREA, id=area_id, name=name, position=position)

    async def add_table(self, table_id: str, area_id: str, name: str, max_covers: int) -> None:
        await self._run(
            _TABLE,
            id=table_id,
            area_id=area_id,
            name=name,
            name_key=natural_key(name),
            max_covers=max_covers,
        )

    async def assign_area(self, area_id: str, waiter_id: str) -> None:
        await self._run(_AREA_WAITER, area_id=area_id, waiter_id=waiter_id)

    async def assign_table(self, table_id: str, waiter_id: str) -> None:
        await self._run(_TABLE_WAITER, table_id=table_id, waiter_id=waiter_id)


async def make_venue(
    database: Database,
    new: NewVenue,
    fill: Callable[[VenueStore, LayoutWriter], Awaitable[None]],
) -> bool:
    """Make the venue and `fill` it in one transaction; False, and nothing done, if it exists.

    Whoever tries at the same time waits at the venue's row, and then finds it there.
    """
    async with database.connection() as connection, connection.transaction():
        await _WAIT.run(connection)
        if not await venues.add(connection, new):
            return False
        await fill(VenueStore(connection, new.id), LayoutWriter(connection, new.id))
        return True
