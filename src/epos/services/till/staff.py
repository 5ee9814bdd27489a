"""Waiters: signing in at the till, and as the venue's manager sets them up."""

from epos.domain.errors import Conflict, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services.till import mapping
from epos.services.till.pins import Pins, hash_of
from epos.services.till.set_up import change_set_up, note_change
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.store.waiters import WaiterRow
from epos.till_contract.staff import NewWaiter, SetPin, SignedIn, SignIn, Waiter, WaiterChange


class Staff:
    def __init__(self, database: Database, identifiers: Identifiers, pins: Pins) -> None:
        self._database = database
        self._identifiers = identifiers
        self._pins = pins

    async def sign_in(self, request: SignIn, requester: Requester) -> SignedIn:
        """The waiter. Raises Forbidden or TooManyAttempts."""
        waiter = await self._pins.check(requester, request.waiterId, request.pin)
        return SignedIn.model_construct(id=waiter.id, name=waiter.name, isManager=waiter.is_manager)

    async def list(self, requester: Requester) -> list[Waiter]:
        """By name."""
        async with self._database.read(requester.venue_id) as store:
            return [mapping.waiter(row) for row in await store.waiters.all()]

    async def create(self, request: NewWaiter, requester: Requester) -> Waiter:
        """Raises Conflict for an id that another waiter has."""
        waiter_id = request.id or self._identifiers.new("wtr")

        async def work(store: VenueStore) -> Waiter:
            if waiter_id in await store.waiters.ids():
                raise Conflict(f"There is a waiter {waiter_id} already")
            return await _put(store, waiter_id, request, requester, "waiter.created")

        return await change_set_up(self._database, requester, work)

    async def change(self, waiter_id: str, request: WaiterChange, requester: Requester) -> Waiter:
        """Raises NotFound."""

        async def work(store: VenueStore) -> Waiter:
            await _lock(store, waiter_id)
            return await _put(store, waiter_id, request, requester, "waiter.changed")

        return await change_set_up(self._database, requester, work)

    async def remove(self, waiter_id: str, requester: Requester) -> None:
        """With the PIN and all assignments: what was only theirs is everybody's. Raises NotFound."""

        async def work(store: VenueStore) -> None:
            await _lock(store, waiter_id)
            now = await store.venue.now()
            await store.waiters.remove([waiter_id], now)
            await note_change(store, requester, now, "waiter.removed", waiter_id)

        await change_set_up(self._database, requester, work)

    async def set_pin(self, waiter_id: str, request: SetPin, requester: Requester) -> Waiter:
        """A new PIN instead of an old one; what was guessed before is forgotten. Raises NotFound."""
        kept_hash = await hash_of(request.pin)

        async def work(store: VenueStore) -> Waiter:
            await _lock(store, waiter_id)
            await store.waiters.set_pin(waiter_id, kept_hash)
            now = await store.venue.now()
            await note_change(store, requester, now, "waiter.pin_set", waiter_id)
            return mapping.waiter((await _waiters(store))[waiter_id])

        return await change_set_up(self._database, requester, work)


async def _waiters(store: VenueStore) -> dict[str, Record]:
    return {row["id"]: row for row in await store.waiters.all()}


async def _lock(store: VenueStore, waiter_id: str) -> None:
    if not await store.waiters.lock(waiter_id):
        raise NotFound("The waiter")


async def _put(
    store: VenueStore, waiter_id: str, request: WaiterChange, requester: Requester, action: str
) -> Waiter:
    await store.waiters.put({waiter_id: WaiterRow(request.name, request.isManager)})
    now, is_manager = await store.venue.now(), request.isManager
    await note_change(store, requester, now, action, waiter_id, is_manager=is_manager)
    return mapping.waiter((await _waiters(store))[waiter_id])
