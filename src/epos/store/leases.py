"""Leases: which process does something for a venue. They go by the database's clock, not the venue's."""

from sqlalchemy import text

from epos.store.statements import Connection, Statement

# A holder that comes back too late gets another fence, as everybody else would.
_TAKE = Statement(
    text("""
    INSERT INTO lease AS held (venue_id, name, holder, fence, expires_at)
    VALUES (:venue_id, :name, :holder, 1, clock_timestamp() + :seconds * interval '1 second')
    ON CONFLICT (venue_id, name) DO UPDATE
    SET holder = excluded.holder,
        expires_at = excluded.expires_at,
        fence = held.fence + CASE WHEN held.expires_at > clock_timestamp() THEN 0 ELSE 1 END
    WHERE held.holder = excluded.holder OR held.expires_at <= clock_timestamp()
    RETURNING fence
    """)
)
_RELEASE = Statement(
    text("""
    UPDATE lease SET expires_at = clock_timestamp()
    WHERE venue_id = :venue_id AND name = :name AND holder = :holder AND fence = :fence
    """)
)
_HOLDER = Statement(
    text("""
    SELECT holder FROM lease
    WHERE venue_id = :venue_id AND name = :name AND expires_at > clock_timestamp()
    """)
)


async def take(
    connection: Connection, venue_id: str, name: str, holder: str, seconds: float
) -> int | None:
    """The fence of the lease, taken or renewed; None while another holds it."""
    fence: int | None = await _TAKE.value(
        connection, venue_id=venue_id, name=name, holder=holder, seconds=seconds
    )
    return fence


async def release(
    connection: Connection, venue_id: str, name: str, holder: str, fence: int
) -> None:
    """Let the next one have it at once."""
    await _RELEASE.run(connection, venue_id=venue_id, name=name, holder=holder, fence=fence)


async def holder(connection: Connection, venue_id: str, name: str) -> str | None:
    """The process that has the lease now, if one has."""
    found: str | None = await _HOLDER.value(connection, venue_id=venue_id, name=name)
    return found
