"""Leases: which process works for a venue. They use the database's clock, not the venue's.

A statement that changes rows has one moment, its start; what ends while it waits has not ended for it.
"""

from sqlalchemy import text

from epos.store.statements import Connection, Statement

# A holder that renews too late gets a new fence, like any other process.
_TAKE = Statement(
    text("""
    UPDATE lease
    SET holder = :holder,
        expires_at = statement_timestamp() + :seconds * interval '1 second',
        fence = fence + CAST(expires_at <= statement_timestamp() AS integer)
    WHERE venue_id = :venue_id AND name = :name
      AND (holder = :holder OR expires_at <= statement_timestamp())
    RETURNING fence
    """)
)
_TAKE_FIRST = Statement(
    text("""
    INSERT INTO lease (venue_id, name, holder, fence, expires_at)
    VALUES (:venue_id, :name, :holder, 1, statement_timestamp() + :seconds * interval '1 second')
    ON CONFLICT (venue_id, name) DO NOTHING
    RETURNING fence
    """)
)
_RELEASE = Statement(
    text("""
    UPDATE lease SET expires_at = statement_timestamp()
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
    """Take or renew the lease. Returns its fence, or None while another process has it."""
    wanted = {"venue_id": venue_id, "name": name, "holder": holder, "seconds": seconds}
    fence: int | None = await _TAKE.value(connection, **wanted)
    return fence or await _TAKE_FIRST.value(connection, **wanted)


async def release(
    connection: Connection, venue_id: str, name: str, holder: str, fence: int
) -> None:
    """End the lease now, so that another process can take it."""
    await _RELEASE.run(connection, venue_id=venue_id, name=name, holder=holder, fence=fence)


async def holder(connection: Connection, venue_id: str, name: str) -> str | None:
    """The process that has the lease now, or None."""
    found: str | None = await _HOLDER.value(connection, venue_id=venue_id, name=name)
    return found
