"""Receipts that were printed before, by their number."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import PlainTextResponse

from epos.contract.base import Id
from epos.services.admission import Lane, lane
from epos.till.papers import printed_sheet
from epos.till.parameters import TheServices
from epos.till.route import TillRoute
from epos.till_contract.papers import PaperQuery
from epos.web.contract_route import media_types
from epos.web.requester import TillRequester

router = APIRouter(
    prefix="/receipts",
    tags=["Paper"],
    route_class=TillRoute,
    responses=media_types("text/html"),
    default_response_class=PlainTextResponse,
)
Number = Annotated[Id, Path(description="The running number of the receipt or credit note.")]


@router.get(
    "/{number}",
    name="print-copy",
    summary="Print a copy of a receipt, credit note or refund receipt",
)
@lane(Lane.SEARCHES)
async def print_copy(
    number: Number,
    query: Annotated[PaperQuery, Query()],
    requester: TillRequester,
    services: TheServices,
) -> Response:
    return printed_sheet(await services.receipts.copy(number, requester), query)
