"""The outbox: changes that must still be sent to Dojo. Triggers insert the rows, in the transaction of
the change.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from epos.domain.dojo import Entity
from epos.store.statements import Connection, Record, Statement

CLAIM_SECONDS = 15
PARKED_AFTER = timedelta(days=7)

# FOR SHARE until the claim commits: no other process can take the lease meanwhile.
_SHARE_LOCK_LEASE = Statement(
    text("""
    SELECT fence FROM lease
    WHERE venue_id = :venue_id AND name = :lease AND fence = :fence
      AND expires_at > clock_timestamp()
    FOR SHARE
    """)
)
# An entity is ready when none of its rows is claimed and none waits for a later attempt. All its rows are
# claimed together, the parked ones too: one event stands for all of them.
_CLAIM = Statement(
    text("""
    WITH ready AS (
        SELECT entity, entity_id, min(id) AS oldest FROM outbox
        WHERE venue_id = :venue_id
        GROUP BY entity, entity_id
        HAVING bool_or(parked_at IS NULL)
           AND bool_and(parked_at IS NOT NULL OR due_at <= statement_timestamp())
           AND bool_and(claimed_until IS NULL OR claimed_until <= statement_timestamp())
        ORDER BY min(id)
        LIMIT :most
    ), claimed AS (
        UPDATE outbox
        SET claimed_until = statement_timestamp() + :seconds * interval '1 second',
            fence = :fence,
            attempts = attempts + 1
        FROM ready
        WHERE outbox.venue_id = :venue_id
          AND outbox.entity = ready.entity AND outbox.entity_id = ready.entity_id
        RETURNING outbox.entity, outbox.entity_id, outbox.id, outbox.attempts
    )
    SELECT entity, entity_id, array_agg(id) AS ids, max(attempts) AS attempts
    FROM claimed GROUP BY entity, entity_id ORDER BY min(id)
    """)
)
_DELETE = Statement(
    text("DELETE FROM outbox WHERE venue_id = :venue_id AND id = ANY(:ids) AND fence = :fence")
)
_PARK = Statement(
    text("""
    UPDATE outbox SET parked_at = statement_timestamp()
    WHERE venue_id = :venue_id AND id = ANY(:ids) AND fence = :fence AND parked_at IS NULL
      AND created_at < statement_timestamp() - CAST(:patience AS interval)
    """)
)
_POSTPONE = Statement(
    text("""
    UPDATE outbox
    SET due_at = statement_timestamp() + :seconds * interval '1 second',
        claimed_until = NULL,
        last_error = :error
    WHERE venue_id = :venue_id AND id = ANY(:ids) AND fence = :fence
    """)
)
# A row with more attempts still waits longer: its event may be the reason why Dojo fails. In seconds since
# 1970: adding an interval to a time depends on the zone, and may not depend on a column too.
_HURRY = Statement(
    text("""
    UPDATE outbox
    SET due_at = least(due_at, to_timestamp(
        CAST(extract(epoch FROM statement_timestamp()) AS float8)
        + power(greatest(attempts - 1, 0), 2)
    ))
    WHERE venue_id = :venue_id AND parked_at IS NULL AND due_at > statement_timestamp()
    """)
)
_LIST = Statement(
    text("""
    SELECT entity, entity_id, count(*) AS changes, min(created_at) AS since,
           max(attempts) AS attempts, max(due_at) AS due_at,
           bool_and(parked_at IS NOT NULL) AS parked, max(last_error) AS last_error
    FROM outbox WHERE venue_id = :venue_id
    GROUP BY entity, entity_id ORDER BY min(id) LIMIT :most
    """)
)
_WAITING = Statement(
    text("""
    SELECT count(*) AS changes, count(DISTINCT (entity, entity_id)) AS entities,
           count(*) FILTER (WHERE parked_at IS NOT NULL) AS parked, min(created_at) AS since
    FROM outbox WHERE venue_id = :venue_id
    """)
)
# For the operator's commands; without an entity, all rows that are not claimed.
_OF_ENTITY = """
    WHERE venue_id = :venue_id
      AND (CAST(:entity_id AS text) IS NULL OR entity_id = :entity_id)
      AND (claimed_until IS NULL OR claimed_until <= statement_timestamp())
    RETURNING id
"""
_RETRY = Statement(
    text(f"""
    UPDATE outbox
    SET due_at = statement_timestamp(), parked_at = NULL, attempts = 0, created_at = statement_timestamp()
    {_OF_ENTITY}
    """)  # noqa: S608 - both parts are ours
)
_DISCARD = Statement(text(f"DELETE FROM outbox {_OF_ENTITY}"))  # noqa: S608 - both parts are ours


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in a venue's outbox."""

    changes: int
    entities: int
    parked: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """The changes of one entity, claimed by one sender. `ids`: the rows that one event stands for."""

    entity: Entity
    entity_id: str
    ids: list[int]
    attempts: int


async def claim(
    connection: Connection, venue_id: str, lease: str, fence: int, most: int
) -> list[Claimed]:
    """Claim at most `most` entities, oldest change first; none if the lease was lost."""
    async with connection.transaction():
        found = await _SHARE_LOCK_LEASE.value(
            connection, venue_id=venue_id, lease=lease, fence=fence
        )
        if found is None:
            return []
        rows = await _CLAIM.all(
            connection, venue_id=venue_id, fence=fence, most=most, seconds=CLAIM_SECONDS
        )
    return [
        Claimed(Entity(row["entity"]), row["entity_id"], row["ids"], row["attempts"])
        for row in rows
    ]


async def delete(connection: Connection, venue_id: str, fence: int, ids: list[int]) -> None:
    """Delete exactly these rows, unless another process has claimed them since."""
    await _DELETE.run(connection, venue_id=venue_id, fence=fence, ids=ids)


async def postpone(
    connection: Connection, venue_id: str, fence: int, claimed: Claimed, seconds: float, error: str
) -> None:
    """Try these rows again later; park those that have waited for seven days."""
    mine = {"venue_id": venue_id, "fence": fence, "ids": claimed.ids}
    await _PARK.run(connection, **mine, patience=PARKED_AFTER)
    await _POSTPONE.run(connection, **mine, seconds=seconds, error=error)


async def hurry(connection: Connection, venue_id: str) -> None:
    """Bring forward what waits for a later attempt: Dojo can be reached again."""
    await _HURRY.run(connection, venue_id=venue_id)


async def listed(connection: Connection, venue_id: str, most: int) -> list[Record]:
    """What waits, one row per entity: entity, entity_id, changes, since, attempts, due_at, parked,
    last_error.
    """
    return await _LIST.all(connection, venue_id=venue_id, most=most)


async def waiting(connection: Connection, venue_id: str) -> Waiting:
    """Count what waits."""
    row = await _WAITING.first(connection, venue_id=venue_id)
    assert row is not None, "an aggregate has a row"  # noqa: S101
    return Waiting(**row)


async def retry(connection: Connection, venue_id: str, entity_id: str | None = None) -> int:
    """Make rows due now, parked or not. Returns how many."""
    return len(await _RETRY.all(connection, venue_id=venue_id, entity_id=entity_id))


async def discard(connection: Connection, venue_id: str, entity_id: str | None = None) -> int:
    """Delete rows unsent. Returns how many."""
    return len(await _DISCARD.all(connection, venue_id=venue_id, entity_id=entity_id))
