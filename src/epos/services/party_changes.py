"""How parties change: seated, moved, completed, taken away.

Every change locks in the one order: the natural key, the tables (old and new together), the
reservation, the party, its orders; then it reads the time.
"""

from datetime import datetime
from typing import Any

from epos.contract.codec import fingerprint
from epos.contract.parties import CreatePartyRequest, UpdatePartyRequest
from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.requester import Requester
from epos.services import seating
from epos.services.seating import Seating
from epos.store.failures import StartOver
from epos.store.statements import Record
from epos.store.venue_store import VenueStore

_DEFAULT_STATUS = "Seated"


async def answer(store: VenueStore, party_id: str, waiter_id: str | None = None) -> Record:
    """Raises NotFound for a party that does not exist or that the waiter may not see."""
    row = await store.parties.answer(party_id, waiter_id)
    if row is None:
        raise NotFound("The party")
    return row


# --- create ---------------------------------------------------------------------------------------


async def replayed(store: VenueStore, request: CreatePartyRequest) -> Record | None:
    """The party that this request already made, answered before any rule refuses it.

    The fingerprint stays that of the create: a party that got its key from an update was made by no
    CreateParty with that key, so such a request is a Conflict whatever its content.
    """
    existing = await store.parties.by_dojo_id(request.dojoPartyId)
    if existing is not None and existing["fingerprint"] != fingerprint(request):
        raise Conflict("dojoPartyId has been used for a party with other content")
    return existing


async def seat(
    store: VenueStore, party_id: str, request: CreatePartyRequest, requester: Requester
) -> None:
    """Raises InvalidRequest for a table or reservation that is not there, Conflict for a taken one."""
    await _check_currency(store, request)
    tables = seating.folded(request.tableIds)
    names = await seating.lock_tables(store, request.tableIds, requester)
    reservation_id = await _lock_reservation(store, request)
    await seating.refuse_taken(store, tables, names)
    at = Seating(party_id, reservation_id, table_ids=tables, arrived=tables)
    orders = await seating.lock_orders_that_follow(store, at)
    now = await store.venue.now()
    await store.parties.insert(
        id=party_id,
        **_columns(request),
        status=request.status or _DEFAULT_STATUS,
        end_time=None,
        fingerprint=fingerprint(request),
        reservation_id=reservation_id,
        created_at=now,
        updated_at=now,
    )
    await store.parties.seat_at(party_id, tables, live=True)
    await seating.place_orders(store, orders, party_id, now, requester)
    await store.audit.add(
        requester,
        now,
        "party.created",
        party_id,
        tables=tables,
        reservation=reservation_id,
        orders=len(orders),
    )


async def _lock_reservation(store: VenueStore, request: CreatePartyRequest) -> str | None:
    """The reservation that the guests came with: Dojo's key may be of one that we never heard of."""
    if request.reservationId is not None:
        if not await store.reservations.lock(request.reservationId):
            raise InvalidRequest("reservationId", "is not a reservation of the venue")
        return request.reservationId
    if request.dojoReservationId is not None:
        return await store.reservations.lock_by_dojo_id(request.dojoReservationId)
    return None


# --- update ---------------------------------------------------------------------------------------


def check_end(request: UpdatePartyRequest) -> None:
    if request.endTime is not None and request.endTime < request.startTime:
        raise InvalidRequest("endTime", "must not be before startTime")


async def change(
    store: VenueStore, party_id: str, request: UpdatePartyRequest, requester: Requester
) -> None:
    """Raises as `lock` does, and Conflict for a table or a key that another party has."""
    party, names = await lock(store, party_id, requester, request.tableIds)
    await _check_key(store, party_id, request)
    await _check_currency(store, request)
    tables, leaves = seating.folded(request.tableIds), request.endTime is not None
    orders: seating.Plan = {}
    if not leaves:
        await seating.refuse_taken(store, tables, names, party_id)
        orders = await seating.lock_orders_that_follow(store, _seating(party, tables))
    now = await store.venue.now()
    await _write(store, party, request, tables, now)
    if party["is_live"]:
        gone = {*party["table_ids"], *tables} if leaves else {*party["table_ids"]} - {*tables}
        await seating.free_tables(store, gone, now)
    await seating.place_orders(store, orders, party_id, now, requester)
    action = "party.completed" if leaves and party["is_live"] else "party.updated"
    was_at = party["table_ids"]
    await store.audit.add(
        requester, now, action, party_id, tables=tables, was_at=was_at, orders=len(orders)
    )


def _seating(party: Record, tables: list[str]) -> Seating:
    """Guests who come back arrive at all their tables; who moves arrives at the new ones."""
    before = party["table_ids"]
    kept = before if party["is_live"] else []
    return Seating(
        party["id"],
        party["reservation_id"],
        table_ids=tables,
        arrived=[table_id for table_id in tables if table_id not in kept],
        left=frozenset(before) - frozenset(tables),
    )


async def _check_key(store: VenueStore, party_id: str, request: UpdatePartyRequest) -> None:
    holder = await store.parties.by_dojo_id(request.dojoPartyId)
    if holder is not None and holder["id"] != party_id:
        raise Conflict("dojoPartyId belongs to another party")


async def _write(
    store: VenueStore,
    party: Record,
    request: UpdatePartyRequest,
    tables: list[str],
    now: datetime,
) -> None:
    """The seats it leaves go first: coming back to life, the party would claim them again."""
    party_id, moves = party["id"], tables != party["table_ids"]
    if moves:
        await store.parties.unseat(party_id)
    await store.parties.update(
        party_id,
        **_columns(request),
        status=request.status,
        end_time=request.endTime,
        updated_at=now,
    )
    if moves:
        await store.parties.seat_at(party_id, tables, live=request.endTime is None)


# --- delete ---------------------------------------------------------------------------------------


async def remove(store: VenueStore, party_id: str, requester: Requester) -> None:
    """The tables become free, and the open orders nobody's. Raises NotFound."""
    party, _ = await lock(store, party_id, requester)
    orders = await seating.lock_orders_of(store, party_id)
    now = await store.venue.now()
    await store.parties.delete(party_id, now)
    if party["is_live"]:
        await seating.free_tables(store, party["table_ids"], now)
    await seating.place_orders(store, orders, None, now, requester)
    was_at = party["table_ids"]
    await store.audit.add(
        requester, now, "party.deleted", party_id, was_at=was_at, orders=len(orders)
    )


# --- shared ---------------------------------------------------------------------------------------


async def lock(
    store: VenueStore, party_id: str, requester: Requester, sent: list[str] | None = None
) -> tuple[Record, dict[str, str]]:
    """The party as it is, locked behind its tables and those that were sent, and the tables' names.

    Raises NotFound, InvalidRequest for a table, StartOver when the party moved between the looks.
    """
    seen = await answer(store, party_id, requester.waiter_id)
    names = await seating.lock_tables(store, sent or [], requester, kept=seen["table_ids"])
    if seen["reservation_id"] is not None:
        await store.reservations.lock(seen["reservation_id"])
    await store.parties.lock(party_id)
    party = await answer(store, party_id, requester.waiter_id)
    if not names.keys() >= {*party["table_ids"]}:
        raise StartOver
    return party, names


async def _check_currency(
    store: VenueStore, request: CreatePartyRequest | UpdatePartyRequest
) -> None:
    if request.deposit is None:
        return
    currency = (await store.venue.profile()).currency
    if request.deposit.totalAmount.currencyCode != currency:
        words = f"must be {currency}, the currency of the venue"
        raise InvalidRequest("deposit.totalAmount.currencyCode", words)


def _columns(request: CreatePartyRequest | UpdatePartyRequest) -> dict[str, Any]:
    """What create and update both set."""
    deposit = request.deposit
    return {
        "dojo_party_id": request.dojoPartyId,
        "name": request.name,
        "covers": request.covers,
        "start_time": request.startTime,
        "expected_end_time": request.expectedEndTime,
        "host_notes": request.hostNotes,
        "guest_requests": request.guestRequests,
        "deposit_amount": deposit and deposit.totalAmount.value,
        "deposit_currency": deposit and deposit.totalAmount.currencyCode,
        "deposit_description": deposit and deposit.description,
        "deposit_intent_ids": deposit and deposit.paymentIntentIds,
    }
