"""The floor: areas and tables."""

from collections.abc import Iterator
from functools import partial

from epos.services.till.api import TillServices
from epos.till.operation import ADMIN, TILL_AND_ADMIN, TillOperation
from epos.till_contract.floor import (
    AreaChange,
    FloorArea,
    FloorTable,
    NewArea,
    NewTable,
    TableChange,
)

_operation = partial(TillOperation, tag="Floor", roles=ADMIN)


def operations(services: TillServices) -> Iterator[TillOperation]:
    yield from _areas(services)
    yield from _tables(services)


def _areas(services: TillServices) -> Iterator[TillOperation]:
    floor, path, one = services.floor, "/till/v1/areas", "/till/v1/areas/{areaId}"
    yield _operation(
        name="list-areas",
        http_method="GET",
        path=path,
        summary="All areas, in the venue's order",
        roles=TILL_AND_ADMIN,
        handler=lambda call: floor.list_areas(call.requester),
        response=list[FloorArea],
    )
    yield _operation(
        name="create-area",
        http_method="POST",
        path=path,
        summary="A new area; an id that was removed comes back",
        handler=lambda call: floor.create_area(call.body, call.requester),
        request=NewArea,
        response=FloorArea,
    )
    yield _operation(
        name="change-area",
        http_method="PUT",
        path=one,
        summary="Change an area: what is sent is set, what is not is cleared",
        handler=lambda call: floor.change_area(call.ids["areaId"], call.body, call.requester),
        request=AreaChange,
        response=FloorArea,
    )
    yield _operation(
        name="remove-area",
        http_method="DELETE",
        path=one,
        summary="Remove an area; a Conflict while there are tables in it",
        handler=lambda call: floor.remove_area(call.ids["areaId"], call.requester),
    )


def _tables(services: TillServices) -> Iterator[TillOperation]:
    floor, path, one = services.floor, "/till/v1/tables", "/till/v1/tables/{tableId}"
    yield _operation(
        name="list-tables",
        http_method="GET",
        path=path,
        summary="All tables, by area and name",
        roles=TILL_AND_ADMIN,
        handler=lambda call: floor.list_tables(call.requester),
        response=list[FloorTable],
    )
    yield _operation(
        name="create-table",
        http_method="POST",
        path=path,
        summary="A new table; an id that was removed comes back",
        handler=lambda call: floor.create_table(call.body, call.requester),
        request=NewTable,
        response=FloorTable,
    )
    yield _operation(
        name="change-table",
        http_method="PUT",
        path=one,
        summary="Change a table: what is sent is set, what is not is cleared",
        handler=lambda call: floor.change_table(call.ids["tableId"], call.body, call.requester),
        request=TableChange,
        response=FloorTable,
    )
    yield _operation(
        name="remove-table",
        http_method="DELETE",
        path=one,
        summary=(
            "Remove a table; a Conflict while a party sits there, an order on it is open, or it is "
            "kept for a reservation"
        ),
        handler=lambda call: floor.remove_table(call.ids["tableId"], call.requester),
    )
