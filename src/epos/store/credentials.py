"""Credentials of venues. Read before the venue is known, so not a part of VenueStore."""

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from epos.store.statements import Connection, Record, Statement
from epos.store.tables import credential
from epos.store.visibility import VENUE

_BY_NAME = (credential.c.venue_id == VENUE, credential.c.name == bindparam("credential_name"))
_FIND = Statement(
    select(credential.c.role, credential.c.secret_sha256).where(
        *_BY_NAME, credential.c.revoked_at.is_(None)
    )
)
_ADD = Statement(
    insert(credential).on_conflict_do_nothing().returning(credential.c.name),
    columns=["venue_id", "name", "role", "secret_sha256"],
)
_REVOKE = Statement(
    update(credential)
    .where(*_BY_NAME, credential.c.revoked_at.is_(None))
    .values(revoked_at=func.statement_timestamp())
    .returning(credential.c.name)
)
_LIST = Statement(
    select(credential.c.name, credential.c.role, credential.c.created_at, credential.c.revoked_at)
    .where(credential.c.venue_id == VENUE)
    .order_by(credential.c.name)
)


async def find(connection: Connection, venue_id: str, name: str) -> Record | None:
    """`role` and `secret_sha256` of a credential that is not revoked."""
    return await _FIND.first(connection, venue_id=venue_id, credential_name=name)


async def add(
    connection: Connection, venue_id: str, name: str, role: str, secret_sha256: str
) -> bool:
    """False if the name is taken, or was: a revoked credential keeps its name."""
    added = await _ADD.first(
        connection, venue_id=venue_id, name=name, role=role, secret_sha256=secret_sha256
    )
    return added is not None


async def revoke(connection: Connection, venue_id: str, name: str) -> bool:
    """False if there is no such credential, or it is revoked already."""
    return (await _REVOKE.first(connection, venue_id=venue_id, credential_name=name)) is not None


async def listed(connection: Connection, venue_id: str) -> list[Record]:
    return await _LIST.all(connection, venue_id=venue_id)
