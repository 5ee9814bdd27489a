"""Making a whole venue at once."""

from collections.abc import Awaitable, Callable

from sqlalchemy import func, select

from epos.domain.venue import NewVenue
from epos.store import venues
from epos.store.database import Database
from epos.store.statements import Statement
from epos.store.venue_store import VenueStore

# Whoever comes second waits for the first to finish, not for a lock that two seconds should bring.
_WAIT = Statement(
    select(
        func.set_config("lock_timeout", "8s", True),  # noqa: FBT003 - PostgreSQL's "is local"
        func.set_config("statement_timeout", "8s", True),  # noqa: FBT003
    )
)


async def make_venue(
    database: Database, new: NewVenue, fill: Callable[[VenueStore], Awaitable[None]]
) -> bool:
    """Make the venue and `fill` it in one transaction; False, and nothing done, if it exists.

    Whoever tries at the same time waits at the venue's row, and then finds it there.
    """
    async with database.connection() as connection, connection.transaction():
        await _WAIT.run(connection)
        if not await venues.add(connection, new):
            return False
        await fill(VenueStore(connection, new.id))
        return True
