"""Waiters: their PINs, what a manager approves, and the set-up."""

import asyncio
import math
from datetime import datetime
from weakref import WeakValueDictionary

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from epos.domain.errors import Conflict, Forbidden, InvalidRequest, NotFound, TooManyAttempts
from epos.domain.identifiers import Identifiers
from epos.domain.pins import FIRST_DELAYED, is_common, wait_after
from epos.domain.requester import Requester
from epos.services.till.unit_of_work import change_set_up, note_change
from epos.store.database import Database
from epos.store.failures import CommittedRefusal
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.store.waiters import WaiterRow
from epos.till_contract.staff import (
    Approval,
    NewWaiter,
    SetPin,
    SignedIn,
    SignIn,
    Waiter,
    WaiterChange,
)

# What OWASP asks of argon2id at least: more would not save four digits from whoever has the hash,
# and would cost memory for every guess.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_REFUSED = "The waiter or the PIN is wrong, or the waiter may not do this"
_log = structlog.get_logger("epos.pins")


async def hash_of(pin: str) -> str:
    """Argon2id with its own salt; in a thread, because it takes a while."""
    return await asyncio.to_thread(_HASHER.hash, pin)


class Pins:
    """The PINs of waiters: kept as argon2id, and slow to guess, however many try at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turns = WeakValueDictionary[tuple[str, str], asyncio.Lock]()

    async def check(
        self, requester: Requester, waiter_id: str, pin: str, *, must_be_manager: bool = False
    ) -> SignedIn:
        """The waiter whose PIN this is. Not inside a transaction: hashing is slow.

        Raises Forbidden in the same words whatever is wrong, and TooManyAttempts while a waiter's
        PIN was guessed wrong too often.
        """
        # One after the other: right PINs that come together would count as wrong for each other.
        turn = self._turns.setdefault((requester.venue_id, waiter_id), asyncio.Lock())
        async with turn:
            known = await self._attempt(requester, waiter_id, pin)
        if known is None:
            _log.warning("wrong PIN", venue=requester.venue_id, waiter_id=waiter_id)
            raise Forbidden(_REFUSED)
        if must_be_manager and not known["is_manager"]:
            _log.warning("not a manager", venue=requester.venue_id, waiter_id=waiter_id)
            raise Forbidden(_REFUSED)
        return SignedIn.model_construct(
            id=known["id"], name=known["name"], isManager=known["is_manager"]
        )

    async def _attempt(self, requester: Requester, waiter_id: str, pin: str) -> Record | None:
        """The waiter, or None if the PIN is wrong."""
        known = await self._take_turn(requester.venue_id, waiter_id)
        if known is None:
            return None
        attempts = known["pin_attempts"] + 1
        if await _matches(pin, known["pin_hash"]):
            await self._forget_attempts(requester.venue_id, waiter_id, attempts)
            return known
        if attempts == FIRST_DELAYED:
            await self._note_delay(requester, waiter_id)
        return None

    async def _note_delay(self, requester: Requester, waiter_id: str) -> None:
        async def work(store: VenueStore) -> None:
            now = await store.venue.now()
            await store.audit.add(
                requester, now, "waiter.pin_delayed", waiter_id, attempts=FIRST_DELAYED
            )

        await self._database.write(requester.venue_id, work)

    async def _take_turn(self, venue_id: str, waiter_id: str) -> Record | None:
        """Count the attempt before checking it, so that parallel attempts are slowed as well."""

        async def work(store: VenueStore) -> Record | None:
            if not await store.waiters.lock(waiter_id):
                return None
            known = await store.waiters.pin(waiter_id)
            if known is None or known["pin_hash"] is None:
                return None
            now, next_at = await store.venue.now(), known["pin_next_at"]
            if next_at is not None and now < next_at:
                raise await _still_waiting(store, known, now)
            attempts = known["pin_attempts"] + 1
            await store.waiters.set_attempts(waiter_id, attempts, now + wait_after(attempts))
            return known

        return await self._database.write(venue_id, work)

    async def _forget_attempts(self, venue_id: str, waiter_id: str, up_to: int) -> None:
        """Forget this attempt and those before it; attempts counted since stay counted."""

        async def work(store: VenueStore) -> None:
            await store.waiters.lock(waiter_id)
            known = await store.waiters.pin(waiter_id)
            later = 0 if known is None else max(known["pin_attempts"] - up_to, 0)
            next_at = known["pin_next_at"] if known and wait_after(later) else None
            await store.waiters.set_attempts(waiter_id, later, next_at)

        await self._database.write(venue_id, work)


async def _still_waiting(store: VenueStore, known: Record, now: datetime) -> CommittedRefusal:
    """The refusal. If the clock was set back, the wait is still at most the usual one."""
    attempts = known["pin_attempts"]
    next_at = min(known["pin_next_at"], now + wait_after(attempts))
    await store.waiters.set_attempts(known["id"], attempts, next_at)
    seconds = max(math.ceil((next_at - now).total_seconds()), 1)
    return CommittedRefusal(TooManyAttempts("The PIN was wrong too often", seconds))


async def _matches(pin: str, kept_hash: str) -> bool:
    try:
        return await asyncio.to_thread(_HASHER.verify, kept_hash, pin)
    except (Argon2Error, InvalidHashError):
        return False


class Approvals:
    """A manager's approval, by PIN, for what staff may not do alone."""

    def __init__(self, pins: Pins) -> None:
        self._pins = pins

    async def given(self, requester: Requester, approval: Approval | None) -> str | None:
        """The manager who approved, if one did. Raises as `check`."""
        return None if approval is None else await self.check(requester, approval)

    async def check(self, requester: Requester, approval: Approval) -> str:
        """The manager's waiter id. Call it before the transaction that it approves, never inside.

        Raises Forbidden, in the same words whether the waiter, the PIN or the manager mark is wrong,
        and TooManyAttempts.
        """
        manager = await self._pins.check(
            requester, approval.waiterId, approval.pin, must_be_manager=True
        )
        return manager.id


class Staff:
    def __init__(self, database: Database, identifiers: Identifiers, pins: Pins) -> None:
        self._database = database
        self._identifiers = identifiers
        self._pins = pins

    async def sign_in(self, request: SignIn, requester: Requester) -> SignedIn:
        """Check a waiter's PIN. Raises Forbidden or TooManyAttempts."""
        return await self._pins.check(requester, request.waiterId, request.pin)

    async def list(self, requester: Requester) -> list[Waiter]:
        """All waiters, by name."""
        async with self._database.read(requester.venue_id) as store:
            return [_waiter(row) for row in await store.waiters.all()]

    async def create(self, request: NewWaiter, requester: Requester) -> Waiter:
        """Raises Conflict for an id that another waiter has."""
        waiter_id = request.id or self._identifiers.new("wtr")

        async def work(store: VenueStore) -> Waiter:
            if waiter_id in await store.waiters.ids():
                raise Conflict(f"There is a waiter {waiter_id} already")
            return await _put_waiter(store, waiter_id, request, requester, "waiter.created")

        return await change_set_up(self._database, requester, work)

    async def change(self, waiter_id: str, request: WaiterChange, requester: Requester) -> Waiter:
        """Raises NotFound."""

        async def work(store: VenueStore) -> Waiter:
            await _lock(store, waiter_id)
            return await _put_waiter(store, waiter_id, request, requester, "waiter.changed")

        return await change_set_up(self._database, requester, work)

    async def remove(self, waiter_id: str, requester: Requester) -> None:
        """Remove a waiter, with PIN and assignments; their tables are then open to all. Raises NotFound."""

        async def work(store: VenueStore) -> None:
            await _lock(store, waiter_id)
            now = await store.venue.now()
            await store.waiters.remove([waiter_id], now)
            await note_change(store, requester, now, "waiter.removed", waiter_id)

        await change_set_up(self._database, requester, work)

    async def set_pin(self, waiter_id: str, request: SetPin, requester: Requester) -> Waiter:
        """Set a new PIN, and forget the attempts at the old one.

        Raises NotFound, and InvalidRequest for a PIN that everybody tries first.
        """
        if is_common(request.pin):
            raise InvalidRequest("pin", "is one of those that are guessed first")
        kept_hash = await hash_of(request.pin)

        async def work(store: VenueStore) -> Waiter:
            await _lock(store, waiter_id)
            await store.waiters.set_pin(waiter_id, kept_hash)
            now = await store.venue.now()
            await note_change(store, requester, now, "waiter.pin_set", waiter_id)
            return _waiter((await _waiters(store))[waiter_id])

        return await change_set_up(self._database, requester, work)


async def _waiters(store: VenueStore) -> dict[str, Record]:
    return {row["id"]: row for row in await store.waiters.all()}


async def _lock(store: VenueStore, waiter_id: str) -> None:
    if not await store.waiters.lock(waiter_id):
        raise NotFound("The waiter")


async def _put_waiter(
    store: VenueStore, waiter_id: str, request: WaiterChange, requester: Requester, action: str
) -> Waiter:
    await store.waiters.put({waiter_id: WaiterRow(request.name, request.isManager)})
    now, is_manager = await store.venue.now(), request.isManager
    await note_change(store, requester, now, action, waiter_id, is_manager=is_manager)
    return _waiter((await _waiters(store))[waiter_id])


def _waiter(row: Record) -> Waiter:
    return Waiter.model_construct(
        id=row["id"], name=row["name"], isManager=row["is_manager"], hasPin=row["has_pin"]
    )
