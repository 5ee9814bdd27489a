"""The floor: areas and tables."""

from fastapi import APIRouter

from epos.till.parameters import AreaId, JustKey, TableId, TheServices
from epos.till.route import TillRoute
from epos.till_contract.floor import (
    AreaChange,
    FloorArea,
    FloorTable,
    NewArea,
    NewTable,
    TableChange,
)
from epos.web.contract_route import refusals
from epos.web.requester import AdminRequester, StaffRequester

router = APIRouter(tags=["Floor"], route_class=TillRoute)


@router.get("/areas", name="list-areas", summary="List all areas, in the venue's order")
async def list_areas(requester: StaffRequester, services: TheServices) -> list[FloorArea]:
    return await services.floor.list_areas(requester)


@router.post(
    "/areas",
    name="create-area",
    summary="Add an area; an id that was removed comes back",
    responses=refusals(409),
)
async def create_area(
    request: NewArea, requester: AdminRequester, services: TheServices
) -> FloorArea:
    return await services.floor.create_area(request, requester)


@router.put(
    "/areas/{areaId}",
    name="change-area",
    summary="Change an area: what is sent is set, what is not is cleared",
    responses=refusals(409),
)
async def change_area(
    areaId: AreaId, request: AreaChange, requester: AdminRequester, services: TheServices
) -> FloorArea:
    return await services.floor.change_area(areaId, request, requester)


@router.delete(
    "/areas/{areaId}",
    name="remove-area",
    summary="Remove an area; a Conflict while there are tables in it",
    responses=refusals(409),
)
async def remove_area(
    areaId: AreaId, requester: AdminRequester, services: TheServices, _: JustKey = None
) -> None:
    await services.floor.remove_area(areaId, requester)


@router.get("/tables", name="list-tables", summary="List all tables, by area and name")
async def list_tables(requester: StaffRequester, services: TheServices) -> list[FloorTable]:
    return await services.floor.list_tables(requester)


@router.post(
    "/tables",
    name="create-table",
    summary="Add a table; an id that was removed comes back",
    responses=refusals(409),
)
async def create_table(
    request: NewTable, requester: AdminRequester, services: TheServices
) -> FloorTable:
    return await services.floor.create_table(request, requester)


@router.put(
    "/tables/{tableId}",
    name="change-table",
    summary="Change a table: what is sent is set, what is not is cleared",
    responses=refusals(409),
)
async def change_table(
    tableId: TableId, request: TableChange, requester: AdminRequester, services: TheServices
) -> FloorTable:
    return await services.floor.change_table(tableId, request, requester)


@router.delete(
    "/tables/{tableId}",
    name="remove-table",
    summary=(
        "Remove a table; a Conflict while a party sits there, an order on it is open, or it is "
        "kept for a reservation"
    ),
    responses=refusals(409),
)
async def remove_table(
    tableId: TableId, requester: AdminRequester, services: TheServices, _: JustKey = None
) -> None:
    await services.floor.remove_table(tableId, requester)
