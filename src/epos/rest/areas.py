"""The areas of the venue."""

from fastapi import APIRouter

from epos.contract.areas import Area
from epos.rest.parameters import TheServices
from epos.web.contract_route import ContractRoute
from epos.web.requester import DojoRequester

router = APIRouter(prefix="/v1/areas", tags=["Areas"], route_class=ContractRoute)


@router.get("", name="ListAreas", operation_id="v1-list-areas", summary="List areas")
async def list_areas(requester: DojoRequester, services: TheServices) -> list[Area]:
    return await services.areas.list(requester)
