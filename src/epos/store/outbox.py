"""What Dojo is still to be told. Rows are inserted by triggers, in the transaction of the change."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from epos.domain.dojo import Entity
from epos.store.statements import Connection, Record, Statement

CLAIM_SECONDS = 15
PARKED_AFTER = timedelta(days=7)

# Held until the claim commits: nobody takes the lease over meanwhile.
_HOLDS_LEASE = Statement(
    text("""
    SELECT fence FROM lease
    WHERE venue_id = :venue_id AND name = :lease AND fence = :fence
      AND expires_at > clock_timestamp()
    FOR SHARE
    """)
)
# An entity is ready when nothing of it is on its way and no row of it waits for a later try; then all
# of its rows go together, the parked ones too: one event says what they all say.
_CLAIM = Statement(
    text("""
    WITH ready AS (
        SELECT entity, entity_id, min(id) AS oldest FROM outbox
        WHERE venue_id = :venue_id
        GROUP BY entity, entity_id
        HAVING bool_or(parked_at IS NULL)
           AND bool_and(parked_at IS NOT NULL OR due_at <= clock_timestamp())
           AND bool_and(claimed_until IS NULL OR claimed_until <= clock_timestamp())
        ORDER BY min(id)
        LIMIT :most
    ), claimed AS (
        UPDATE outbox
        SET claimed_until = clock_timestamp() + :seconds * interval '1 second',
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
_POSTPONE = Statement(
    text("""
    UPDATE outbox
    SET due_at = clock_timestamp() + :seconds * interval '1 second',
        claimed_until = NULL,
        last_error = :error,
        parked_at = CASE WHEN created_at < clock_timestamp() - CAST(:patience AS interval)
                         THEN coalesce(parked_at, clock_timestamp()) ELSE parked_at END
    WHERE venue_id = :venue_id AND id = ANY(:ids) AND fence = :fence
    """)
)
# What was tried more often waits longer even so: it may be that one event which keeps Dojo away.
_HURRY = Statement(
    text("""
    UPDATE outbox
    SET due_at = least(
        due_at, clock_timestamp() + power(greatest(attempts - 1, 0), 2) * interval '1 second'
    )
    WHERE venue_id = :venue_id AND parked_at IS NULL AND due_at > clock_timestamp()
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
# The operator's word: without an entity it is about everything that waits.
_OF_ENTITY = """
    WHERE venue_id = :venue_id
      AND (CAST(:entity_id AS text) IS NULL OR entity_id = :entity_id)
      AND (claimed_until IS NULL OR claimed_until <= clock_timestamp())
    RETURNING id
"""
_RETRY = Statement(
    text(f"""
    UPDATE outbox
    SET due_at = clock_timestamp(), parked_at = NULL, attempts = 0, created_at = clock_timestamp()
    {_OF_ENTITY}
    """)  # noqa: S608 - both parts are ours
)
_DISCARD = Statement(text(f"DELETE FROM outbox {_OF_ENTITY}"))  # noqa: S608 - both parts are ours


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a venue has still to announce: so many changes of so many things, since then."""

    changes: int
    entities: int
    parked: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """One entity's changes, claimed by one sender; `ids` are the rows that one event stands for."""

    entity: Entity
    entity_id: str
    ids: list[int]
    attempts: int


async def claim(
    connection: Connection, venue_id: str, lease: str, fence: int, most: int
) -> list[Claimed]:
    """At most `most` entities, oldest change first; none when the lease is no longer held."""
    async with connection.transaction():
        held = await _HOLDS_LEASE.value(connection, venue_id=venue_id, lease=lease, fence=fence)
        if held is None:
            return []
        rows = await _CLAIM.all(
            connection, venue_id=venue_id, fence=fence, most=most, seconds=CLAIM_SECONDS
        )
    return [
        Claimed(Entity(row["entity"]), row["entity_id"], row["ids"], row["attempts"])
        for row in rows
    ]


async def delete(connection: Connection, venue_id: str, fence: int, ids: list[int]) -> None:
    """Forget exactly these rows, unless another has claimed them since."""
    await _DELETE.run(connection, venue_id=venue_id, fence=fence, ids=ids)


async def postpone(
    connection: Connection, venue_id: str, fence: int, claimed: Claimed, seconds: float, error: str
) -> None:
    """Try these rows later; those that have waited for seven days are parked."""
    await _POSTPONE.run(
        connection,
        venue_id=venue_id,
        fence=fence,
        ids=claimed.ids,
        seconds=seconds,
        error=error,
        patience=PARKED_AFTER,
    )


async def hurry(connection: Connection, venue_id: str) -> None:
    """Dojo is back: what waits for a later try need not wait."""
    await _HURRY.run(connection, venue_id=venue_id)


async def listed(connection: Connection, venue_id: str, most: int) -> list[Record]:
    """What waits, one row an entity: entity, entity_id, changes, since, attempts, due_at, parked,
    last_error.
    """
    return await _LIST.all(connection, venue_id=venue_id, most=most)


async def waiting(connection: Connection, venue_id: str) -> Waiting:
    """How much that is."""
    row = await _WAITING.first(connection, venue_id=venue_id)
    assert row is not None, "an aggregate has a row"  # noqa: S101
    return Waiting(**row)


async def retry(connection: Connection, venue_id: str, entity_id: str | None = None) -> int:
    """Send now, parked or not; how many rows that is."""
    return len(await _RETRY.all(connection, venue_id=venue_id, entity_id=entity_id))


async def discard(connection: Connection, venue_id: str, entity_id: str | None = None) -> int:
    """Never send; how many rows that is."""
    return len(await _DISCARD.all(connection, venue_id=venue_id, entity_id=entity_id))
