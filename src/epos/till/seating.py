"""Seating: the guests who sit at the tables, and those who are expected."""

from typing import Annotated

from fastapi import APIRouter, Query

from epos.services.admission import Lane, lane
from epos.till.parameters import PartyId, ReservationId, TheServices
from epos.till.route import TillRoute
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
    NoShowRequest,
    Reservation,
    Reservations,
)
from epos.web.contract_route import refusals
from epos.web.requester import TillRequester

router = APIRouter(tags=["Seating"], route_class=TillRoute)


@router.post(
    "/parties",
    name="seat-party",
    summary="Seat walk-ins, or the guests of a reservation",
    responses=refusals(404, 409),
)
async def seat_party(
    request: SeatPartyRequest, requester: TillRequester, services: TheServices
) -> Party:
    return await services.seating.seat(request, requester)


@router.get("/parties", name="list-parties", summary="List who sits where, or who has left")
@lane(Lane.SEARCHES)
async def list_parties(
    query: Annotated[ListParties, Query()], requester: TillRequester, services: TheServices
) -> Parties:
    return await services.seating.list_parties(query, requester)


@router.get("/parties/{partyId}", name="get-party", summary="Get a party")
async def get_party(partyId: PartyId, requester: TillRequester, services: TheServices) -> Party:
    return await services.seating.get_party(partyId, requester)


@router.put(
    "/parties/{partyId}",
    name="edit-party",
    summary="Move a party, combine tables, change what is known of it",
    responses=refusals(409),
)
async def edit_party(
    partyId: PartyId, request: EditPartyRequest, requester: TillRequester, services: TheServices
) -> Party:
    return await services.seating.edit_party(partyId, request, requester)


@router.post(
    "/parties/{partyId}/finish",
    name="finish-party",
    summary="Finish a party: the guests leave, their tables are free",
    responses=refusals(409),
)
async def finish_party(
    partyId: PartyId,
    request: FinishPartyRequest,
    requester: TillRequester,
    services: TheServices,
) -> Party:
    return await services.seating.finish_party(partyId, request, requester)


@router.post(
    "/parties/{partyId}/return",
    name="return-party",
    summary="Seat a finished party again: it was a mistake, or the guests come back",
    responses=refusals(409),
)
async def return_party(
    partyId: PartyId,
    request: ReturnPartyRequest,
    requester: TillRequester,
    services: TheServices,
) -> Party:
    return await services.seating.return_party(partyId, request, requester)


@router.post(
    "/reservations",
    name="book",
    summary="Make a reservation",
    responses=refusals(404, 409),
)
async def book(
    request: BookRequest, requester: TillRequester, services: TheServices
) -> Reservation:
    return await services.seating.book(request, requester)


@router.get(
    "/reservations",
    name="list-reservations",
    summary="List the reservations of a business day, with those that overlap",
)
@lane(Lane.SEARCHES)
async def list_reservations(
    query: Annotated[ListReservations, Query()], requester: TillRequester, services: TheServices
) -> Reservations:
    return await services.seating.list_reservations(query, requester)


@router.get("/reservations/{reservationId}", name="get-reservation", summary="Get a reservation")
async def get_reservation(
    reservationId: ReservationId, requester: TillRequester, services: TheServices
) -> Reservation:
    return await services.seating.get_reservation(reservationId, requester)


@router.put(
    "/reservations/{reservationId}",
    name="edit-reservation",
    summary="Change a reservation",
    responses=refusals(409),
)
async def edit_reservation(
    reservationId: ReservationId,
    request: EditReservationRequest,
    requester: TillRequester,
    services: TheServices,
) -> Reservation:
    return await services.seating.edit_reservation(reservationId, request, requester)


@router.post(
    "/reservations/{reservationId}/cancel",
    name="cancel-reservation",
    summary="Cancel a reservation",
    responses=refusals(409),
)
async def cancel_reservation(
    reservationId: ReservationId,
    request: CancelReservationRequest,
    requester: TillRequester,
    services: TheServices,
) -> None:
    await services.seating.cancel_reservation(reservationId, request, requester)


@router.post(
    "/reservations/{reservationId}/no-show",
    name="note-no-show",
    summary="Note that the guests of a reservation did not come; its tables are free",
)
async def note_no_show(
    reservationId: ReservationId,
    request: NoShowRequest,
    requester: TillRequester,
    services: TheServices,
) -> Reservation:
    return await services.seating.note_no_show(reservationId, request, requester)
