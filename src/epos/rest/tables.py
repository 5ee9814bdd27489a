"""The tables of the venue."""

from fastapi import APIRouter
from starlette.types import Scope

from epos.contract.tables import PagedTablesResponse, SearchTablesRequest
from epos.rest.parameters import TheServices
from epos.services.admission import Lane, lane
from epos.services.api import Result
from epos.web.contract_route import ContractRoute
from epos.web.requester import DojoRequester


class PageInArray(ContractRoute):
    """The specification answers this search with an array of one page. A setting
    (`EPOS_TABLES_SEARCH_SHAPE`) answers the page itself, as every other search does.
    """

    def render(self, answer: Result, scope: Scope) -> bytes:
        if scope["app"].state.tables_as_array:
            return super().render([answer], scope)  # type: ignore[list-item]  # one model
        return super().render(answer, scope)


router = APIRouter(prefix="/v1/tables", tags=["Tables"], route_class=PageInArray)


@router.post(
    "/search",
    name="SearchTables",
    operation_id="v1-search-tables",
    summary="Search tables",
    response_model=list[PagedTablesResponse],
)
@lane(Lane.SEARCHES)
async def search_tables(
    search: SearchTablesRequest, requester: DojoRequester, services: TheServices
) -> PagedTablesResponse:
    return await services.tables.search(search, requester)
