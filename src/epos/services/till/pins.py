"""The PINs of waiters: kept as argon2id, and slow to guess, however many guess at once."""

import asyncio
import math
from dataclasses import dataclass

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from epos.domain.errors import Forbidden, TooManyAttempts
from epos.domain.pins import wait_after
from epos.domain.requester import Requester
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore

# What OWASP asks of argon2id at least: more would not save four digits from whoever has the hash,
# and would cost memory for every guess.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_REFUSED = "The waiter or the PIN is wrong, or the waiter may not do this"
_log = structlog.get_logger("epos.pins")


@dataclass(frozen=True, slots=True)
class Waiter:
    """Whose PIN it was."""

    id: str
    name: str
    is_manager: bool


async def hash_of(pin: str) -> str:
    """Argon2id with a salt of its own; beside the event loop, for it takes a while."""
    return await asyncio.to_thread(_HASHER.hash, pin)


class Pins:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def check(
        self, requester: Requester, waiter_id: str, pin: str, *, must_be_manager: bool = False
    ) -> Waiter:
        """The waiter, if this is his PIN.

        Raises Forbidden in the same words whatever is wrong, and TooManyAttempts while a waiter's
        PIN was guessed wrong too often. Not inside a unit of work: hashing takes its time.
        """
        known = await self._take_turn(requester.venue_id, waiter_id)
        right = known is not None and await _matches(pin, known["pin_hash"])
        if known is None or not right:
            _log.warning("wrong PIN", venue=requester.venue_id, waiter_id=waiter_id)
            raise Forbidden(_REFUSED)
        await self._forget_attempts(requester.venue_id, waiter_id, known["pin_attempts"] + 1)
        if must_be_manager and not known["is_manager"]:
            _log.warning("not a manager", venue=requester.venue_id, waiter_id=waiter_id)
            raise Forbidden(_REFUSED)
        return Waiter(known["id"], known["name"], known["is_manager"])

    async def _take_turn(self, venue_id: str, waiter_id: str) -> Record | None:
        """Count the attempt before it is looked at, so that many at once are no more than in turn."""

        async def work(store: VenueStore) -> Record | None:
            if not await store.waiters.lock(waiter_id):
                return None
            known = await store.waiters.pin(waiter_id)
            if known is None or known["pin_hash"] is None:
                return None
            now, next_at = await store.venue.now(), known["pin_next_at"]
            if next_at is not None and now < next_at:
                seconds = math.ceil((next_at - now).total_seconds())
                raise TooManyAttempts("The PIN was wrong too often", seconds)
            attempts = known["pin_attempts"] + 1
            await store.waiters.set_attempts(waiter_id, attempts, now + wait_after(attempts))
            return known

        return await self._database.write(venue_id, work)

    async def _forget_attempts(self, venue_id: str, waiter_id: str, up_to: int) -> None:
        """This attempt and those before it; what was counted while it was looked at stays counted."""

        async def work(store: VenueStore) -> None:
            await store.waiters.lock(waiter_id)
            known = await store.waiters.pin(waiter_id)
            later = 0 if known is None else max(known["pin_attempts"] - up_to, 0)
            next_at = known["pin_next_at"] if known and wait_after(later) else None
            await store.waiters.set_attempts(waiter_id, later, next_at)

        await self._database.write(venue_id, work)


async def _matches(pin: str, kept_hash: str) -> bool:
    try:
        return await asyncio.to_thread(_HASHER.verify, kept_hash, pin)
    except (Argon2Error, InvalidHashError):
        return False
