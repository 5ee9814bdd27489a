"""Tables of the venue."""

from epos.contract.tables import PagedTablesResponse, SearchTablesRequest
from epos.domain.requester import Requester
from epos.services import mapping
from epos.services.paging import Pages
from epos.store.database import Database

_KEY = (("area_position", int), ("area_id", str), ("name_key", str), ("id", str))


class Tables:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(
        self, request: SearchTablesRequest, requester: Requester
    ) -> PagedTablesResponse:
        """Tables by area and natural name. `waiterId` finds those assigned to a waiter; the access rules
        apply to the requester's own waiter id.
        """
        filters = {"area_id": request.areaId, "waiter_id": request.waiterId}
        pages = Pages(_KEY, requester.venue_id, "tables", filters)
        wanted = pages.request(request.cursor)
        async with self._database.read(requester.venue_id) as store:
            page = await store.floor.search_tables(
                wanted, **filters, requester_waiter_id=requester.waiter_id
            )
        before, after = pages.around(page)
        return PagedTablesResponse.model_construct(
            data=[mapping.table(row) for row in page.rows], before=before, after=after
        )
