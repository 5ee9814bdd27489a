"""Parties: guests who sit at tables now."""

from fastapi import APIRouter

from epos.contract.parties import (
    CreatePartyRequest,
    PagedPartiesResponse,
    Party,
    SearchPartiesRequest,
    UpdatePartyRequest,
)
from epos.rest.parameters import PartyId, TheServices
from epos.services.admission import Lane, lane
from epos.web.contract_route import ContractRoute, refusals
from epos.web.requester import DojoRequester

router = APIRouter(prefix="/v1/parties", tags=["Parties"], route_class=ContractRoute)


@router.post(
    "/search", name="SearchParties", operation_id="v1-search-parties", summary="Search parties"
)
@lane(Lane.SEARCHES)
async def search_parties(
    search: SearchPartiesRequest, requester: DojoRequester, services: TheServices
) -> PagedPartiesResponse:
    return await services.parties.search(search, requester)


@router.post(
    "",
    name="CreateParty",
    operation_id="v1-post-parties",
    summary="Create a party",
    responses=refusals(409),
)
async def create_party(
    party: CreatePartyRequest, requester: DojoRequester, services: TheServices
) -> Party:
    return await services.parties.create(party, requester)


@router.get(
    "/{partyId}",
    name="GetPartyById",
    operation_id="v1-get-parties-partyId",
    summary="Get a party",
)
async def get_party(partyId: PartyId, requester: DojoRequester, services: TheServices) -> Party:
    return await services.parties.get(partyId, requester)


@router.put(
    "/{partyId}",
    name="UpdateParty",
    operation_id="v1-put-parties-partyId",
    summary="Update a party",
    responses=refusals(409),
)
async def update_party(
    partyId: PartyId,
    party: UpdatePartyRequest,
    requester: DojoRequester,
    services: TheServices,
) -> Party:
    return await services.parties.update(partyId, party, requester)


@router.delete(
    "/{partyId}",
    name="DeletePartyById",
    operation_id="v1-delete-parties-partyId",
    summary="Delete a party",
)
async def delete_party(partyId: PartyId, requester: DojoRequester, services: TheServices) -> None:
    await services.parties.delete(partyId, requester)
