"""Rows of parties and reservations into contract models."""

from epos.contract.parties import Party, PartyDeposit
from epos.contract.reservations import Reservation
from epos.services.mapping import money
from epos.store.statements import Record


def party(row: Record) -> Party:
    """A party as it is answered, its tables in the order in which they were sent."""
    return Party.model_construct(
        id=row["id"],
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
    )


def _deposit(row: Record) -> PartyDeposit | None:
    if row["deposit_amount"] is None:
        return None
    return PartyDeposit.model_construct(
        totalAmount=money(row["deposit_amount"], row["deposit_currency"]),
        description=row["deposit_description"],
        paymentIntentIds=row["deposit_intent_ids"],
    )


def reservation(row: Record) -> Reservation:
    return Reservation.model_construct(
        id=row["id"],
        name=row["name"],
        covers=row["covers"],
        startTime=row["start_time"],
        endTime=row["end_time"],
        tableIds=row["table_ids"],
        hostNotes=row["host_notes"],
        guestRequests=row["guest_requests"],
    )
