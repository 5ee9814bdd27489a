"""Seating: the guests who sit at the tables, and those who are expected."""

from collections.abc import Iterator

from epos.contract.codec import validate
from epos.services.till.api import TillServices
from epos.services.till.seating import Seating
from epos.till.operation import TillOperation
from epos.till_contract.paging import PAGING
from epos.till_contract.parties import (
    EditPartyRequest,
    FinishPartyRequest,
    ListParties,
    Parties,
    Party,
    ReturnPartyRequest,
    SeatPartyRequest,
)
from epos.till_contract.reservations import (
    BookRequest,
    CancelReservationRequest,
    EditReservationRequest,
    ListReservations,
    Reservation,
    Reservations,
)

_TAG = "Seating"
_PARTIES, _RESERVATIONS = "/till/v1/parties", "/till/v1/reservations"
_TABLE = "Only those at this table."


def operations(services: TillServices) -> Iterator[TillOperation]:
    yield from _parties(services.seating)
    yield from _moves(services.seating)
    yield from _diary(services.seating)
    yield from _changes(services.seating)


def _parties(seating: Seating) -> Iterator[TillOperation]:
    yield TillOperation(
        name="seat-party",
        http_method="POST",
        path=_PARTIES,
        summary="Seat walk-ins, or the guests of a reservation",
        tag=_TAG,
        handler=lambda call: seating.seat(call.body, call.requester),
        request=SeatPartyRequest,
        response=Party,
    )
    yield TillOperation(
        name="list-parties",
        http_method="GET",
        path=_PARTIES,
        summary="Who sits where, or who has left",
        tag=_TAG,
        handler=lambda call: seating.list_parties(
            validate(ListParties, dict(call.query)), call.requester
        ),
        query={"tableId": _TABLE, "completed": "`true`: those who have left.", **PAGING},
        response=Parties,
    )
    yield TillOperation(
        name="get-party",
        http_method="GET",
        path=f"{_PARTIES}/{{partyId}}",
        summary="One party",
        tag=_TAG,
        handler=lambda call: seating.get_party(call.ids["partyId"], call.requester),
        response=Party,
    )


def _moves(seating: Seating) -> Iterator[TillOperation]:
    yield TillOperation(
        name="edit-party",
        http_method="PUT",
        path=f"{_PARTIES}/{{partyId}}",
        summary="Move a party, combine tables, change what is known of it",
        tag=_TAG,
        handler=lambda call: seating.edit_party(call.ids["partyId"], call.body, call.requester),
        request=EditPartyRequest,
        response=Party,
    )
    yield TillOperation(
        name="finish-party",
        http_method="POST",
        path=f"{_PARTIES}/{{partyId}}/finish",
        summary="The guests leave; their tables are free",
        tag=_TAG,
        handler=lambda call: seating.finish_party(call.ids["partyId"], call.body, call.requester),
        request=FinishPartyRequest,
        response=Party,
    )
    yield TillOperation(
        name="return-party",
        http_method="POST",
        path=f"{_PARTIES}/{{partyId}}/return",
        summary="The guests sit again: they were finished by mistake, or come back",
        tag=_TAG,
        handler=lambda call: seating.return_party(call.ids["partyId"], call.body, call.requester),
        request=ReturnPartyRequest,
        response=Party,
    )


def _diary(seating: Seating) -> Iterator[TillOperation]:
    yield TillOperation(
        name="book",
        http_method="POST",
        path=_RESERVATIONS,
        summary="Make a reservation",
        tag=_TAG,
        handler=lambda call: seating.book(call.body, call.requester),
        request=BookRequest,
        response=Reservation,
    )
    yield TillOperation(
        name="list-reservations",
        http_method="GET",
        path=_RESERVATIONS,
        summary="The reservations of a business day, with those that overlap",
        tag=_TAG,
        handler=lambda call: seating.list_reservations(
            validate(ListReservations, dict(call.query)), call.requester
        ),
        query={"day": "`2024-08-12`; today unless said.", "tableId": _TABLE, **PAGING},
        response=Reservations,
    )
    yield TillOperation(
        name="get-reservation",
        http_method="GET",
        path=f"{_RESERVATIONS}/{{reservationId}}",
        summary="One reservation",
        tag=_TAG,
        handler=lambda call: seating.get_reservation(call.ids["reservationId"], call.requester),
        response=Reservation,
    )


def _changes(seating: Seating) -> Iterator[TillOperation]:
    yield TillOperation(
        name="edit-reservation",
        http_method="PUT",
        path=f"{_RESERVATIONS}/{{reservationId}}",
        summary="Change a reservation",
        tag=_TAG,
        handler=lambda call: seating.edit_reservation(
            call.ids["reservationId"], call.body, call.requester
        ),
        request=EditReservationRequest,
        response=Reservation,
    )
    yield TillOperation(
        name="cancel-reservation",
        http_method="POST",
        path=f"{_RESERVATIONS}/{{reservationId}}/cancel",
        summary="Cancel a reservation",
        tag=_TAG,
        handler=lambda call: seating.cancel_reservation(
            call.ids["reservationId"], call.body, call.requester
        ),
        request=CancelReservationRequest,
    )
