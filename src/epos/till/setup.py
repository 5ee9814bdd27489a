"""Set-up: the venue as its manager describes it."""

from typing import Annotated

from fastapi import APIRouter, Body, Query

from epos.services.admission import Lane, lane
from epos.till.parameters import TheServices
from epos.till.route import TillRoute
from epos.till_contract.layout import Layout, LayoutQuery, NewLayout, read_layout
from epos.till_contract.profile import ProfileChange, VenueProfile
from epos.web.contract_route import ReadWith, refusals
from epos.web.requester import AdminRequester, StaffRequester

router = APIRouter(tags=["Set-up"], route_class=TillRoute)


@router.get("/profile", name="get-profile", summary="Get the venue's profile")
async def get_profile(requester: StaffRequester, services: TheServices) -> VenueProfile:
    return await services.profiles.get(requester)


@router.put(
    "/profile",
    name="change-profile",
    summary="Change the profile: what is sent is set, what is not is cleared",
    responses=refusals(409),
)
async def change_profile(
    request: ProfileChange, requester: AdminRequester, services: TheServices
) -> VenueProfile:
    return await services.profiles.change(request, requester)


@router.get("/layout", name="get-layout", summary="Get the whole set-up as one document")
@lane(Lane.SEARCHES)
async def get_layout(requester: AdminRequester, services: TheServices) -> Layout:
    return await services.layouts.get(requester)


@router.put(
    "/layout",
    name="replace-layout",
    summary="Replace the whole set-up by one document; what it leaves out is removed",
    responses=refusals(409),
)
async def replace_layout(
    layout: Annotated[NewLayout, Body(), ReadWith(read_layout)],
    query: Annotated[LayoutQuery, Query()],
    requester: AdminRequester,
    services: TheServices,
) -> Layout:
    return await services.layouts.replace(layout, requester, query.version)
