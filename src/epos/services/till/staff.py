"""Waiters: what a manager approves, and the set-up."""

from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.pins import is_common
from epos.domain.requester import Requester
from epos.services.expiring_cache import ExpiringCache
from epos.services.till.pins import Pins, hash_of
from epos.services.till.unit_of_work import change_set_up, note_change
from epos.store.database import Database
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

_KNOWN_SECONDS = 10.0
"""How long a read is believed to come from a waiter who was there."""


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
        self._known = ExpiringCache[tuple[str, str], bool](_KNOWN_SECONDS)

    async def check_waiter(self, requester: Requester, *, afresh: bool) -> None:
        """Raises InvalidRequest for a waiter whom the venue does not have. `afresh`: not from memory."""
        waiter_id, who = requester.waiter_id, (requester.venue_id, requester.waiter_id or "")
        if waiter_id is None or (not afresh and self._known.get(who)):
            return
        async with self._database.read(requester.venue_id) as store:
            if not await store.waiters.is_there(waiter_id):
                raise InvalidRequest("header waiter-id", "is not a waiter of the venue")
        self._known.put(who, value=True)

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
            await store.pin_attempts.forget(waiter_id)
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
