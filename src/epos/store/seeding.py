"""Make a whole venue in one transaction."""

from collections.abc import Awaitable, Callable

from sqlalchemy import func, select

from epos.domain.venue import NewVenue
from epos.store import venues
from epos.store.database import Database
from epos.store.statements import Statement
from epos.store.venue_store import VenueStore

# A second caller waits until the first has finished, which may take longer than the usual 2 seconds.
_WAIT = Statement(
    select(
        func.set_config("lock_timeout", "8s", True),  # noqa: FBT003 - PostgreSQL's "is local"
        func.set_config("statement_timeout", "8s", True),  # noqa: FBT003
    )
)


async def make_venue(
    database: Database, new: NewVenue, fill: Callable[[VenueStore], Awaitable[None]]
) -> bool:
    """Insert the venue and `fill` it in one transaction. False, without a change, if it exists.

    A second caller at the same time waits for the venue's row, and then finds that it exists.
    """
    async with database.connection() as connection, connection.transaction():
        await _WAIT.run(connection)
        if not await venues.add(connection, new):
            return False
        await fill(VenueStore(connection, new.id))
        return True
