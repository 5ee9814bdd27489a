"""Rows of parties and reservations into the till's models."""

from collections.abc import Sequence

from epos.store.statements import Record
from epos.till_contract.parties import Deposit, Party
from epos.till_contract.reservations import Reservation


def party(row: Record) -> Party:
    return Party.model_construct(
        id=row["id"],
        version=row["version"],
        name=row["name"],
        covers=row["covers"],
        tableIds=row["table_ids"],
        status=row["status"],
        startTime=row["start_time"],
        expectedEndTime=row["expected_end_time"],
        endTime=row["end_time"],
        hostNotes=row["host_notes"],
        guestRequests=row["guest_requests"],
        reservationId=row["reservation_id"],
        deposit=_deposit(row),
        updatedAt=row["updated_at"],
    )


def _deposit(row: Record) -> Deposit | None:
    if row["deposit_amount"] is None:
        return None
    return Deposit.model_construct(
        amount=row["deposit_amount"],
        description=row["deposit_description"],
        paymentIntentIds=row["deposit_intent_ids"],
    )


def reservation(row: Record, party_id: str | None, overlaps: Sequence[str]) -> Reservation:
    """`overlaps`: the ids of the reservations that want one of its tables at the same time."""
    return Reservation.model_construct(
        id=row["id"],
        version=row["version"],
        name=row["name"],
        covers=row["covers"],
        startTime=row["start_time"],
        endTime=row["end_time"],
        tableIds=row["table_ids"],
        hostNotes=row["host_notes"],
        guestRequests=row["guest_requests"],
        partyId=party_id,
        overlaps=list(overlaps),
        updatedAt=row["updated_at"],
    )
