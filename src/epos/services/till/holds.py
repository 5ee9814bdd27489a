"""Editing in peace: a till's short hold on a tab, and the manager who breaks a lock.

A hold tells terminals to wait: the order is not payable, and Dojo gets no lock. It never refuses a
payment, and it does not keep other tills away: versions do that.
"""

from datetime import datetime, timedelta

from epos.contract.base import format_time
from epos.domain.errors import Conflict
from epos.domain.identifiers import Identifiers
from epos.domain.locks import LockHolder, is_live
from epos.domain.requester import Requester
from epos.services.locked_orders import is_own_hold, lock_visible
from epos.services.order_locks import NewLock, make_room, take
from epos.services.till.approvals import Approvals
from epos.services.till.tab_answers import answer
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.tab_requests import BreakLock
from epos.till_contract.tabs import Tab


class TillHolds:
    def __init__(self, database: Database, identifiers: Identifiers, approvals: Approvals) -> None:
        self._database = database
        self._identifiers = identifiers
        self._approvals = approvals

    async def hold(self, tab_id: str, seconds: int, requester: Requester) -> Tab:
        """The tab, held from now on; who holds it already, by device and waiter, renews it.

        Raises Conflict naming who is in the way, and for a closed order.
        """

        async def work(store: VenueStore) -> Tab:
            order = await lock_visible(store, tab_id, requester)
            held = await store.locks.unreleased(tab_id)
            now = await store.venue.now()
            until = now + timedelta(seconds=seconds)
            if held is not None and _is_mine(held, now, requester):
                await store.locks.renew(tab_id, held["lock_id"], until)
                await _audit(store, requester, now, "lock.extended", held, until=format_time(until))
            else:
                await make_room(store, order, now)
                lock = NewLock(self._identifiers.new("hld"), LockHolder.TILL, until)
                await take(store, tab_id, lock, now, requester)
            await store.locks.hold(tab_id, until)
            return await answer(store, tab_id)

        return await self._database.write(requester.venue_id, work)

    async def release(self, tab_id: str, requester: Requester) -> Tab:
        """The tab without the till's own hold. One that has ended is no error; another's stays."""

        async def work(store: VenueStore) -> Tab:
            await lock_visible(store, tab_id, requester)
            held = await store.locks.unreleased(tab_id)
            now = await store.venue.now()
            if held is not None and _is_mine(held, now, requester):
                await _end(store, held, "released", now)
                await _audit(store, requester, now, "lock.released", held)
            return await answer(store, tab_id)

        return await self._database.write(requester.venue_id, work)

    async def break_lock(self, tab_id: str, request: BreakLock, requester: Requester) -> Tab:
        """The tab without the lock that the manager saw on it, Dojo's or a till's.

        Raises as Approvals does, and Conflict for a lock that is not the live one.
        """
        manager = await self._approvals.check(requester, request.approval)

        async def work(store: VenueStore) -> Tab:
            await lock_visible(store, tab_id, requester)
            held = await store.locks.unreleased(tab_id)
            now = await store.venue.now()
            if held is None or held["lock_id"] != request.lockId or not _is_live(held, now):
                raise Conflict("The lock is not live; read the tab again")
            await _end(store, held, "broken", now)
            await _audit(store, requester, now, "lock.broken", held, approved_by=manager)
            return await answer(store, tab_id)

        return await self._database.write(requester.venue_id, work)


def _is_live(lock: Record, now: datetime) -> bool:
    return is_live(lock["expires_at"], lock["released_at"], now)


def _is_mine(lock: Record, now: datetime, requester: Requester) -> bool:
    return _is_live(lock, now) and is_own_hold(lock, requester)


async def _end(store: VenueStore, lock: Record, reason: str, now: datetime) -> None:
    await store.locks.release(lock["order_id"], lock["lock_id"], reason, now)
    if lock["holder"] == LockHolder.TILL:
        await store.locks.hold(lock["order_id"], None)


async def _audit(
    store: VenueStore,
    requester: Requester,
    now: datetime,
    action: str,
    lock: Record,
    **details: str,
) -> None:
    await store.audit.add(requester, now, action, lock["order_id"], lock=lock["lock_id"], **details)
