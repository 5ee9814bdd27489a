"""Reservations: guests who are expected."""

from fastapi import APIRouter

from epos.contract.reservations import (
    CreateReservationRequest,
    PagedReservationsResponse,
    Reservation,
    SearchReservationsRequest,
    UpdateReservationRequest,
)
from epos.rest.parameters import ReservationId, TheServices
from epos.services.admission import Lane, lane
from epos.web.contract_route import ContractRoute, refusals
from epos.web.requester import DojoRequester

router = APIRouter(prefix="/v1/reservations", tags=["Reservations"], route_class=ContractRoute)


@router.post(
    "/search",
    name="SearchReservations",
    operation_id="v1-search-reservations",
    summary="Search reservations",
)
@lane(Lane.SEARCHES)
async def search_reservations(
    search: SearchReservationsRequest, requester: DojoRequester, services: TheServices
) -> PagedReservationsResponse:
    return await services.reservations.search(search, requester)


@router.post(
    "",
    name="CreateReservation",
    operation_id="v1-post-reservations",
    summary="Create a reservation",
    responses=refusals(409),
)
async def create_reservation(
    reservation: CreateReservationRequest, requester: DojoRequester, services: TheServices
) -> Reservation:
    return await services.reservations.create(reservation, requester)


@router.get(
    "/{reservationId}",
    name="GetReservationById",
    operation_id="v1-get-reservations-reservationId",
    summary="Get a reservation",
)
async def get_reservation(
    reservationId: ReservationId, requester: DojoRequester, services: TheServices
) -> Reservation:
    return await services.reservations.get(reservationId, requester)


@router.put(
    "/{reservationId}",
    name="UpdateReservation",
    operation_id="v1-put-reservations-reservationId",
    summary="Update a reservation",
    responses=refusals(409),
)
async def update_reservation(
    reservationId: ReservationId,
    reservation: UpdateReservationRequest,
    requester: DojoRequester,
    services: TheServices,
) -> Reservation:
    return await services.reservations.update(reservationId, reservation, requester)


@router.delete(
    "/{reservationId}",
    name="DeleteReservationById",
    operation_id="v1-delete-reservations-reservationId",
    summary="Delete a reservation",
)
async def delete_reservation(
    reservationId: ReservationId, requester: DojoRequester, services: TheServices
) -> None:
    await services.reservations.delete(reservationId, requester)
