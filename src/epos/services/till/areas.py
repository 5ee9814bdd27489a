"""Areas, as the venue's manager sets them up."""

from collections.abc import Mapping

from epos.domain.errors import Conflict, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services.till import mapping
from epos.services.till.floor_rules import refuse_unknown_waiters
from epos.services.till.set_up import change_set_up, note_change
from epos.store.database import Database
from epos.store.floor import AreaRow
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.floor import AreaChange, FloorArea, NewArea


class AreaSetup:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def list(self, requester: Requester) -> list[FloorArea]:
        """In the venue's order."""
        async with self._database.read(requester.venue_id) as store:
            return [mapping.area(row) for row in await store.layout.areas()]

    async def create(self, request: NewArea, requester: Requester) -> FloorArea:
        """Raises Conflict for an id or a name that another area has."""
        area_id = request.id or self._identifiers.new("area")

        async def work(store: VenueStore) -> FloorArea:
            areas = await _areas(store)
            if area_id in areas:
                raise Conflict(f"There is an area {area_id} already")
            return await _put(store, area_id, request, areas, requester)

        return await change_set_up(self._database, requester, work)

    async def change(self, area_id: str, request: AreaChange, requester: Requester) -> FloorArea:
        """Raises NotFound, and Conflict for a name that another area has."""

        async def work(store: VenueStore) -> FloorArea:
            areas = await _areas(store)
            if area_id not in areas:
                raise NotFound("The area")
            return await _put(store, area_id, request, areas, requester)

        return await change_set_up(self._database, requester, work)

    async def remove(self, area_id: str, requester: Requester) -> None:
        """Raises NotFound, and Conflict while there are tables in it."""

        async def work(store: VenueStore) -> None:
            if area_id not in await _areas(store):
                raise NotFound("The area")
            left = [
                table["id"] for table in await store.layout.tables() if table["area_id"] == area_id
            ]
            if left:
                raise Conflict(f"The area cannot be removed: table {left[0]} is in it")
            now = await store.venue.now()
            await store.floor.remove_areas([area_id], now)
            await note_change(store, requester, now, "area.removed", area_id)

        await change_set_up(self._database, requester, work)


async def _areas(store: VenueStore) -> dict[str, Record]:
    return {row["id"]: row for row in await store.layout.areas()}


async def _put(
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
    new = AreaRow(request.name, _position(area_id, request, areas), tuple(waiters))
    await store.floor.put_areas({area_id: new})
    action = "area.changed" if area_id in areas else "area.created"
    now = await store.venue.now()
    await note_change(store, requester, now, action, area_id, waiters=waiters)
    return mapping.area((await _areas(store))[area_id])


def _position(area_id: str, request: AreaChange, areas: Mapping[str, Record]) -> int:
    if request.position is not None:
        return request.position
    if area_id in areas:
        return int(areas[area_id]["position"])
    return max((row["position"] for row in areas.values()), default=-1) + 1
