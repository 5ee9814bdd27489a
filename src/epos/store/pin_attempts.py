"""How often PINs were tried. The waiter's row is locked first, then the counts in the order of `Scope`."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Integer, and_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from epos.domain.pins import KEPT, Count, Scope
from epos.store.repository import Repository
from epos.store.statements import Statement
from epos.store.tables import pin_attempts
from epos.store.tables.base import Instant, Key
from epos.store.visibility import VENUE

_MOST_FORGOTTEN = 100


@dataclass(frozen=True, slots=True)
class PinUse:
    """Whose PIN is tried, with which credential, on which device."""

    waiter_id: str
    credential: str
    device_id: str | None

    def key(self, scope: Scope) -> dict[str, str]:
        """The key of the row that counts this in `scope`; empty text means all."""
        own = {
            Scope.DEVICE: (self.waiter_id, self.credential, self.device_id or ""),
            Scope.WAITER: (self.waiter_id, "", ""),
            Scope.CREDENTIAL: ("", self.credential, ""),
            Scope.VENUE: ("", "", ""),
        }
        return dict(zip(("waiter_id", "credential", "device_id"), own[scope], strict=True))


_KEY = ("venue_id", "waiter_id", "credential", "device_id")
_INSERT = insert(pin_attempts)
# The update changes nothing: it locks the row, also one that another transaction has just made.
_LOCK = Statement(
    _INSERT.on_conflict_do_update(
        index_elements=list(_KEY), set_={"touched_at": pin_attempts.c.touched_at}
    ).returning(pin_attempts),
    columns=[*_KEY, "since", "touched_at"],
)
_SAVE = Statement(
    update(pin_attempts)
    .where(
        pin_attempts.c.venue_id == VENUE,
        pin_attempts.c.waiter_id == bindparam("of_waiter", type_=Key),
        pin_attempts.c.credential == bindparam("of_credential", type_=Key),
        pin_attempts.c.device_id == bindparam("of_device", type_=Key),
    )
    .values(
        tried=bindparam("new_tried", type_=BigInteger),
        forgiven=bindparam("new_forgiven", type_=BigInteger),
        pending=bindparam("new_pending", type_=Integer),
        since=bindparam("new_since", type_=Instant),
        touched_at=bindparam("new_touched_at", type_=Instant),
        next_at=bindparam("new_next_at", type_=Instant),
    )
)
_FORGET = Statement(
    delete(pin_attempts).where(
        pin_attempts.c.venue_id == VENUE,
        pin_attempts.c.waiter_id == bindparam("waiter_id", type_=Key),
    )
)
_OLD = (
    select(pin_attempts.c.waiter_id, pin_attempts.c.credential, pin_attempts.c.device_id)
    .where(
        pin_attempts.c.venue_id == VENUE,
        pin_attempts.c.touched_at < bindparam("before", type_=Instant),
        # Others lock the rows of credential and venue last; here they would be first: a deadlock.
        pin_attempts.c.waiter_id != "",
    )
    .limit(_MOST_FORGOTTEN)
    .with_for_update(skip_locked=True)
    .cte("old")
)
_FORGET_OLD = Statement(
    delete(pin_attempts).where(
        and_(
            pin_attempts.c.venue_id == VENUE,
            pin_attempts.c.waiter_id == _OLD.c.waiter_id,
            pin_attempts.c.credential == _OLD.c.credential,
            pin_attempts.c.device_id == _OLD.c.device_id,
        )
    )
)


class PinAttempts(Repository):
    async def lock(self, use: PinUse, now: datetime) -> list[Count]:
        """The counts of all scopes as they stand now, in the order of `Scope`. Lock the waiter first."""
        return [await self._lock(use, scope, now) for scope in Scope]

    async def _lock(self, use: PinUse, scope: Scope, now: datetime) -> Count:
        row = await self._first(_LOCK, **use.key(scope), since=now, touched_at=now)
        assert row is not None  # noqa: S101 - INSERT or UPDATE, it returns its row
        fields = ("since", "touched_at", "tried", "forgiven", "pending", "next_at")
        return Count(scope, **{name: row[name] for name in fields}).at(now)

    async def save(self, use: PinUse, counts: list[Count]) -> None:
        rows = []
        for count in counts:
            key = use.key(count.scope)
            rows.append(
                {
                    "of_waiter": key["waiter_id"],
                    "of_credential": key["credential"],
                    "of_device": key["device_id"],
                    "new_tried": count.tried,
                    "new_forgiven": count.forgiven,
                    "new_pending": count.pending,
                    "new_since": count.since,
                    "new_touched_at": count.touched_at,
                    "new_next_at": count.next_at,
                }
            )
        await self._each(_SAVE, rows)

    async def forget(self, waiter_id: str) -> None:
        """Forget the attempts at the waiter's PIN, on all devices: it is another now."""
        await self._run(_FORGET, waiter_id=waiter_id)

    async def forget_old(self, now: datetime) -> None:
        """Remove some of the waiters' counts that say nothing any more."""
        await self._run(_FORGET_OLD, before=now - KEPT)
