"""Check PINs: kept as argon2id, and slow to guess, however many try at once."""

import asyncio
import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

import structlog
from argon2 import PasswordHasher
from argon2 import low_level as argon2_raw
from argon2.exceptions import Argon2Error, InvalidHashError

from epos.domain.errors import Forbidden, TooManyAttempts
from epos.domain.pins import Count
from epos.domain.requester import Requester
from epos.store.database import Database
from epos.store.failures import CommittedRefusal
from epos.store.pin_attempts import PinUse
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.staff import SignedIn

# What OWASP asks of argon2id at least: more would not save four digits from whoever has the hash,
# and would cost memory for every guess.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_REFUSED = "The waiter or the PIN is wrong, or the waiter may not do this"
_BUSY_SECONDS = 4.0
"""How long an attempt waits for the result of others, in other processes or on other devices."""
_LOOK_AGAIN_SECONDS = 0.05
_log = structlog.get_logger("epos.pins")


async def hash_of(pin: str) -> str:
    """Argon2id with its own salt; in a thread, because it takes a while."""
    return await asyncio.to_thread(_HASHER.hash, pin)


async def digest_of_pins(pins: list[str], salt: str) -> str:
    """The same for the same PINs and salt, and as slow to guess as the hash of a PIN."""
    raw = await asyncio.to_thread(
        argon2_raw.hash_secret_raw,
        " ".join(pins).encode(),
        hashlib.sha256(salt.encode()).digest(),
        _HASHER.time_cost,
        _HASHER.memory_cost,
        _HASHER.parallelism,
        _HASHER.hash_len,
        argon2_raw.Type.ID,
    )
    return raw.hex()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One attempt that was counted, and its number in each count."""

    waiter: Record
    numbers: list[int]


class Pins:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._turns = WeakValueDictionary[tuple[str, PinUse], asyncio.Lock]()

    async def check(
        self, requester: Requester, waiter_id: str, pin: str, *, must_be_manager: bool = False
    ) -> SignedIn:
        """The waiter whose PIN this is. Not inside a transaction: hashing is slow.

        Raises Forbidden in the same words whatever is wrong, and TooManyAttempts while the waiter's
        PIN was guessed wrong too often on this device, or too often at all.
        """
        use = PinUse(waiter_id, requester.credential, requester.device_id)
        # Together they could only wait for each other's result, each with another transaction.
        turn = self._turns.setdefault((requester.venue_id, use), asyncio.Lock())
        async with turn:
            known = await self._try(requester, use, pin)
        if known is None:
            _log.warning("wrong PIN", venue=requester.venue_id, waiter_id=waiter_id)
            raise Forbidden(_REFUSED)
        if must_be_manager and not known["is_manager"]:
            _log.warning("not a manager", venue=requester.venue_id, waiter_id=waiter_id)
            raise Forbidden(_REFUSED)
        return SignedIn.model_construct(
            id=known["id"], name=known["name"], isManager=known["is_manager"]
        )

    async def _try(self, requester: Requester, use: PinUse, pin: str) -> Record | None:
        """The waiter, or None if the PIN is wrong."""
        attempt = await self._begin(requester.venue_id, use)
        if attempt is None:
            return None
        is_right = await _matches(pin, attempt.waiter["pin_hash"])
        await self._end(requester, use, attempt, is_right=is_right)
        return attempt.waiter if is_right else None

    async def _begin(self, venue_id: str, use: PinUse) -> _Attempt | None:
        """Count the attempt before checking it, so that parallel attempts are slowed as well."""
        loop = asyncio.get_running_loop()
        last = loop.time() + _BUSY_SECONDS

        async def work(store: VenueStore) -> _Attempt | None:
            return await _begun(store, use)

        while True:
            try:
                return await self._database.write(venue_id, work)
            except _Busy:
                if loop.time() > last:
                    raise TooManyAttempts("Others try this PIN at the same time", 1) from None
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def _end(
        self, requester: Requester, use: PinUse, attempt: _Attempt, *, is_right: bool
    ) -> None:
        async def work(store: VenueStore) -> None:
            # Whoever was removed meanwhile has no counts to change.
            if not await store.waiters.lock(use.waiter_id):
                return
            now = await store.venue.now()
            if not is_right:
                await store.pin_attempts.forget_old(now)
            counts = [
                count.end(number, now, is_right=is_right)
                for count, number in zip(
                    await store.pin_attempts.lock(use, now), attempt.numbers, strict=True
                )
            ]
            await store.pin_attempts.save(use, counts)
            if not is_right:
                await _note_delays(store, requester, use, counts, now)

        await self._database.write(requester.venue_id, work)


class _Busy(Exception):
    """Whether this attempt is allowed depends on others whose result is not known yet."""


async def _begun(store: VenueStore, use: PinUse) -> _Attempt | None:
    if not await store.waiters.lock(use.waiter_id):
        return None
    known = await store.waiters.pin(use.waiter_id)
    if known is None or known["pin_hash"] is None:
        return None
    now = await store.venue.now()
    counts = await store.pin_attempts.lock(use, now)
    wait = max(count.wait(now) for count in counts)
    if wait > timedelta(0):
        await store.pin_attempts.save(use, counts)
        seconds = max(math.ceil(wait.total_seconds()), 1)
        raise CommittedRefusal(TooManyAttempts("The PIN was wrong too often", seconds))
    if any(count.is_busy for count in counts):
        raise _Busy
    begun = [count.begin() for count in counts]
    await store.pin_attempts.save(use, begun)
    return _Attempt(known, [count.tried for count in begun])


async def _note_delays(
    store: VenueStore, requester: Requester, use: PinUse, counts: list[Count], now: datetime
) -> None:
    """Put the first delay of each scope into the audit trail."""
    for count in counts:
        if count.is_delayed_first:
            await store.audit.add(
                requester,
                now,
                "waiter.pin_delayed",
                use.waiter_id,
                scope=count.scope,
                attempts=count.known_wrong,
            )


async def _matches(pin: str, kept_hash: str) -> bool:
    try:
        return await asyncio.to_thread(_HASHER.verify, kept_hash, pin)
    except (Argon2Error, InvalidHashError):
        return False
