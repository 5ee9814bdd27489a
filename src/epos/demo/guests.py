"""The parties and reservations of the demo venue: seated, gone, or expected today."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from epos.demo.opening import Opening, quarter_hour

_STAY = timedelta(minutes=105)


@dataclass(frozen=True, slots=True)
class _Party:
    """A party that arrived `arrived` minutes ago and, if `left` is set, left `left` minutes ago."""

    name: str | None
    covers: int
    tables: tuple[str, ...]
    arrived: int
    status: str
    reserved: bool = False
    host_notes: str | None = None
    guest_requests: str | None = None
    deposit: int | None = None
    left: int | None = None


@dataclass(frozen=True, slots=True)
class _Reservation:
    """A reservation `after` minutes after the evening begins."""

    name: str
    covers: int
    tables: tuple[str, ...]
    after: int
    host_notes: str | None = None
    guest_requests: str | None = None


_PARTIES = (
    _Party("Okafor", 2, ("tbl_2",), 24, "Ordered"),
    _Party(
        "Hargreaves",
        4,
        ("tbl_4",),
        52,
        "Mains",
        reserved=True,
        guest_requests="One of us is coeliac, please no gluten near her plate",
    ),
    _Party("Fenwick", 2, ("tbl_5",), 88, "Paying", reserved=True),
    _Party("Achterberg", 3, ("tbl_7",), 71, "Desserts", host_notes="Live round the corner"),
    _Party("Castellano", 4, ("tbl_8",), 63, "Mains", reserved=True),
    _Party(
        "Pemberton",
        8,
        ("tbl_11", "tbl_12"),
        41,
        "Starters",
        reserved=True,
        host_notes="Ruth turns 60: cake in the walk-in fridge, candles behind the bar",
        guest_requests="A high chair for the little one",
        deposit=8000,
    ),
    _Party("Ito", 2, ("tbl_terrace_1",), 18, "Ordered"),
    _Party("Brennan", 4, ("tbl_terrace_3",), 6, "Seated", reserved=True),
    _Party("Delacroix", 3, ("tbl_terrace_4",), 35, "Mains", host_notes="Dog under the table"),
    _Party(None, 1, ("tbl_bar_2",), 31, "Ordered"),
    _Party("Nakamura", 4, ("tbl_snug_1",), 9, "Partially arrived", reserved=True),
    _Party("Winterbourne", 2, ("tbl_9",), 128, "Left", reserved=True, left=22),
)
_RESERVATIONS = (
    _Reservation("Sharma", 2, ("tbl_1",), 0, guest_requests="By the window if you can"),
    _Reservation("Lindqvist", 4, ("tbl_3",), 15),
    _Reservation("Mensah", 4, ("tbl_6",), 30, guest_requests="Nut allergy, one guest"),
    _Reservation("Doyle", 2, ("tbl_terrace_2",), 60, host_notes="Regulars: the corner heater"),
    _Reservation("Kowalczyk", 8, ("tbl_terrace_5", "tbl_terrace_6"), 75, host_notes="Office do"),
    _Reservation("Whitcombe", 2, ("tbl_1",), 120),
    _Reservation("Baptiste", 5, ("tbl_snug_2",), 135, guest_requests="Two vegans"),
    _Reservation("Reyes", 6, ("tbl_10",), 150),
)


async def write(opening: Opening) -> dict[str, str]:
    """Write parties and reservations. Returns the party of each table, also those that have just left."""
    parties: dict[str, str] = {}
    for party in _PARTIES:
        party_id = await _write_party(opening, party)
        parties |= dict.fromkeys(party.tables, party_id)
    for expected in _RESERVATIONS:
        await _write_expected(opening, expected)
    return parties


async def _write_party(opening: Opening, party: _Party) -> str:
    party_id = opening.identifiers.new("pty")
    start = opening.ago(party.arrived)
    end = None if party.left is None else opening.ago(party.left)
    reservation_id = await _write_reservation_of(opening, party) if party.reserved else None
    await opening.store.parties.insert(
        id=party_id,
        dojo_party_id=None,
        fingerprint=None,
        name=party.name,
        covers=party.covers,
        status=party.status,
        start_time=start,
        expected_end_time=start + _STAY,
        end_time=end,
        host_notes=party.host_notes,
        guest_requests=party.guest_requests,
        reservation_id=reservation_id,
        **_deposit(opening, party),
        created_at=start,
        updated_at=end or start,
    )
    await opening.store.parties.seat_at(party_id, list(party.tables), live=end is None)
    if end is not None:
        await opening.store.floor.free_tables(list(party.tables), end)
    return party_id


def _deposit(opening: Opening, party: _Party) -> dict[str, Any]:
    if party.deposit is None:
        names = ("amount", "currency", "description", "intent_ids")
        return {f"deposit_{name}": None for name in names}
    return {
        "deposit_amount": party.deposit,
        "deposit_currency": opening.currency,
        "deposit_description": f"Deposit, {party.covers} covers",
        "deposit_intent_ids": [opening.identifiers.new("pi_sandbox")],
    }


async def _write_reservation_of(opening: Opening, party: _Party) -> str:
    """The reservation of a seated party. The party came a few minutes late."""
    reservation = _Reservation(
        name=party.name or "Guest",
        covers=party.covers,
        tables=party.tables,
        after=0,
        host_notes=party.host_notes,
        guest_requests=party.guest_requests,
    )
    return await _write_reservation(opening, reservation, quarter_hour(opening.ago(party.arrived)))


async def _write_expected(opening: Opening, expected: _Reservation) -> None:
    start = opening.evening() + timedelta(minutes=expected.after)
    await _write_reservation(opening, expected, start)


async def _write_reservation(opening: Opening, reservation: _Reservation, start: datetime) -> str:
    reservation_id = opening.identifiers.new("rsv")
    booked = min(start, opening.now) - timedelta(days=3)
    await opening.store.reservations.insert(
        id=reservation_id,
        dojo_reservation_id=None,
        fingerprint=None,
        name=reservation.name,
        covers=reservation.covers,
        start_time=start,
        end_time=start + _STAY,
        host_notes=reservation.host_notes,
        guest_requests=reservation.guest_requests,
        created_at=booked,
        updated_at=booked,
    )
    await opening.store.reservations.keep_tables(reservation_id, list(reservation.tables))
    return reservation_id
