"""Areas and tables, as the venue's manager sets them up."""

from collections.abc import Collection, Mapping
from datetime import datetime

from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services.till.unit_of_work import change_set_up, note_change
from epos.store.database import Database
from epos.store.floor import AreaRow, TableRow
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.floor import (
    AreaChange,
    FloorArea,
    FloorTable,
    NewArea,
    NewTable,
    TableChange,
)


class Floor:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def list_areas(self, requester: Requester) -> list[FloorArea]:
        """All areas, in the venue's order."""
        async with self._database.read(requester.venue_id) as store:
            return [_area(row) for row in await store.floor.areas()]

    async def create_area(self, request: NewArea, requester: Requester) -> FloorArea:
        """Raises Conflict for an id or a name that another area has."""
        area_id = request.id or self._identifiers.new("area")

        async def work(store: VenueStore) -> FloorArea:
            areas = await _areas(store)
            if area_id in areas:
                raise Conflict(f"There is an area {area_id} already")
            return await _put_area(store, area_id, request, areas, requester)

        return await change_set_up(self._database, requester, work)

    async def change_area(
        self, area_id: str, request: AreaChange, requester: Requester
    ) -> FloorArea:
        """Raises NotFound, and Conflict for a name that another area has."""

        async def work(store: VenueStore) -> FloorArea:
            areas = await _areas(store)
            if area_id not in areas:
                raise NotFound("The area")
            return await _put_area(store, area_id, request, areas, requester)

        return await change_set_up(self._database, requester, work)

    async def remove_area(self, area_id: str, requester: Requester) -> None:
        """Raises NotFound, and Conflict while there are tables in it."""

        async def work(store: VenueStore) -> None:
            if area_id not in await _areas(store):
                raise NotFound("The area")
            left = [
                table["id"] for table in await store.floor.tables() if table["area_id"] == area_id
            ]
            if left:
                raise Conflict(f"The area cannot be removed: table {left[0]} is in it")
            now = await store.venue.now()
            await store.floor.remove_areas([area_id], now)
            await note_change(store, requester, now, "area.removed", area_id)

        await change_set_up(self._database, requester, work)

    async def list_tables(self, requester: Requester) -> list[FloorTable]:
        """All tables, by area and natural name."""
        async with self._database.read(requester.venue_id) as store:
            return [_table(row) for row in await store.floor.tables()]

    async def create_table(self, request: NewTable, requester: Requester) -> FloorTable:
        """Raises Conflict for an id, or a name within the area, that another table has."""
        table_id = request.id or self._identifiers.new("tbl")

        async def work(store: VenueStore) -> FloorTable:
            tables = await _tables(store)
            if table_id in tables:
                raise Conflict(f"There is a table {table_id} already")
            return await _put_table(store, table_id, request, tables, requester)

        return await change_set_up(self._database, requester, work)

    async def change_table(
        self, table_id: str, request: TableChange, requester: Requester
    ) -> FloorTable:
        """Raises NotFound, and Conflict for a name that another table of the area has."""

        async def work(store: VenueStore) -> FloorTable:
            tables = await _tables(store)
            if table_id not in tables:
                raise NotFound("The table")
            return await _put_table(store, table_id, request, tables, requester)

        return await change_set_up(self._database, requester, work)

    async def remove_table(self, table_id: str, requester: Requester) -> None:
        """Raises NotFound, and Conflict while anything needs the table."""

        async def work(store: VenueStore) -> None:
            await store.floor.lock_tables([table_id])
            if not await store.floor.table_names([table_id]):
                raise NotFound("The table")
            now = await store.venue.now()
            why = (await reasons_to_keep(store, [table_id], now)).get(table_id)
            if why is not None:
                raise Conflict(f"The table cannot be removed: {why}")
            await store.floor.remove_tables([table_id], now)
            await note_change(store, requester, now, "table.removed", table_id)

        await change_set_up(self._database, requester, work)


async def _areas(store: VenueStore) -> dict[str, Record]:
    return {row["id"]: row for row in await store.floor.areas()}


async def _put_area(
    store: VenueStore,
    area_id: str,
    request: AreaChange,
    areas: Mapping[str, Record],
    requester: Requester,
) -> FloorArea:
    for row in areas.values():
        if row["name"] == request.name and row["id"] != area_id:
            raise Conflict(f"Area {row['id']} is called {request.name} already")
    refuse_unknown_waiters(request.waiterIds, await store.waiters.ids())
    waiters = list(dict.fromkeys(request.waiterIds))
    new = AreaRow(request.name, _area_position(area_id, request, areas), tuple(waiters))
    await store.floor.put_areas({area_id: new})
    action = "area.changed" if area_id in areas else "area.created"
    now = await store.venue.now()
    await note_change(store, requester, now, action, area_id, waiters=waiters)
    return _area((await _areas(store))[area_id])


def _area_position(area_id: str, request: AreaChange, areas: Mapping[str, Record]) -> int:
    if request.position is not None:
        return request.position
    if area_id in areas:
        return int(areas[area_id]["position"])
    return max((row["position"] for row in areas.values()), default=-1) + 1


async def _tables(store: VenueStore) -> dict[str, Record]:
    return {row["id"]: row for row in await store.floor.tables()}


async def _put_table(
    store: VenueStore,
    table_id: str,
    request: TableChange,
    tables: Mapping[str, Record],
    requester: Requester,
) -> FloorTable:
    if request.areaId not in {row["id"] for row in await store.floor.areas()}:
        raise InvalidRequest("areaId", "is not an area of the venue")
    for row in tables.values():
        same = (row["area_id"], row["name"]) == (request.areaId, request.name)
        if same and row["id"] != table_id:
            raise Conflict(f"Table {row['id']} of the area is called {request.name} already")
    refuse_unknown_waiters(request.waiterIds, await store.waiters.ids())
    area, waiters = request.areaId, list(dict.fromkeys(request.waiterIds))
    new = TableRow(area, request.name, request.maxCovers, tuple(waiters))
    await store.floor.put_tables({table_id: new})
    action = "table.changed" if table_id in tables else "table.created"
    now = await store.venue.now()
    await note_change(store, requester, now, action, table_id, area=area, waiters=waiters)
    return _table((await _tables(store))[table_id])


async def reasons_to_keep(store: VenueStore, table_ids: list[str], now: datetime) -> dict[str, str]:
    """Why locked tables cannot be removed, by table id; a table that nobody needs is left out."""
    booked = await store.floor.bookings(table_ids, now)
    ordered = await store.floor.open_orders(table_ids)
    seated = await store.parties.seated_at(table_ids)
    return (
        {table_id: f"it is kept for reservation {id_}" for table_id, id_ in booked.items()}
        | {table_id: f"order {id_} on it is open" for table_id, id_ in ordered.items()}
        | {table_id: f"party {id_} sits there" for table_id, id_ in seated.items()}
    )


def refuse_unknown_waiters(sent: list[str], known: Collection[str]) -> None:
    """Raises InvalidRequest for the first id that is not a waiter of the venue."""
    for index, waiter_id in enumerate(sent):
        if waiter_id not in known:
            raise InvalidRequest(f"waiterIds[{index}]", "is not a waiter of the venue")


def _area(row: Record) -> FloorArea:
    return FloorArea.model_construct(
        id=row["id"],
        name=row["name"],
        waiterIds=row["waiter_ids"] or [],
        position=row["position"],
    )


def _table(row: Record) -> FloorTable:
    return FloorTable.model_construct(
        id=row["id"],
        name=row["name"],
        areaId=row["area_id"],
        maxCovers=row["max_covers"],
        waiterIds=row["waiter_ids"] or [],
    )
