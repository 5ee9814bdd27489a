"""Tables, as the venue's manager sets them up."""

from collections.abc import Mapping

from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services.till import mapping
from epos.services.till.floor_rules import holds, refuse_unknown_waiters
from epos.services.till.set_up import change_set_up, note_change
from epos.store.database import Database
from epos.store.floor import TableRow
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.floor import FloorTable, NewTable, TableChange


class TableSetup:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def list(self, requester: Requester) -> list[FloorTable]:
        """By area and natural name."""
        async with self._database.read(requester.venue_id) as store:
            return [mapping.table(row) for row in await store.layout.tables()]

    async def create(self, request: NewTable, requester: Requester) -> FloorTable:
        """Raises Conflict for an id, or a name within the area, that another table has."""
        table_id = request.id or self._identifiers.new("tbl")

        async def work(store: VenueStore) -> FloorTable:
            tables = await _tables(store)
            if table_id in tables:
                raise Conflict(f"There is a table {table_id} already")
            return await _put(store, table_id, request, tables, requester)

        return await change_set_up(self._database, requester, work)

    async def change(self, table_id: str, request: TableChange, requester: Requester) -> FloorTable:
        """Raises NotFound, and Conflict for a name that another table of the area has."""

        async def work(store: VenueStore) -> FloorTable:
            tables = await _tables(store)
            if table_id not in tables:
                raise NotFound("The table")
            return await _put(store, table_id, request, tables, requester)

        return await change_set_up(self._database, requester, work)

    async def remove(self, table_id: str, requester: Requester) -> None:
        """Raises NotFound, and Conflict while anything needs the table."""

        async def work(store: VenueStore) -> None:
            await store.layout.lock_tables([table_id])
            if not await store.layout.table_names([table_id]):
                raise NotFound("The table")
            now = await store.venue.now()
            why = (await holds(store, [table_id], now)).get(table_id)
            if why is not None:
                raise Conflict(f"The table cannot be removed: {why}")
            await store.floor.remove_tables([table_id], now)
            await note_change(store, requester, now, "table.removed", table_id)

        await change_set_up(self._database, requester, work)


async def _tables(store: VenueStore) -> dict[str, Record]:
    return {row["id"]: row for row in await store.layout.tables()}


async def _put(
    store: VenueStore,
    table_id: str,
    request: TableChange,
    tables: Mapping[str, Record],
    requester: Requester,
) -> FloorTable:
    if request.areaId not in {row["id"] for row in await store.layout.areas()}:
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
    return mapping.table((await _tables(store))[table_id])
