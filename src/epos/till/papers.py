"""Paper: the bill, the VAT receipt and the kitchen's ticket, as text or as a page to be printed."""

from html import escape
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import PlainTextResponse

from epos.services.admission import Lane, lane
from epos.services.till.papers import Customer, Sheet
from epos.till.html import document, printed_page
from epos.till.parameters import TabId, TheServices
from epos.till.route import TillRoute
from epos.till_contract.papers import PaperQuery, ReceiptQuery, TicketQuery
from epos.web.contract_route import media_types, refusals
from epos.web.requester import TillRequester

_STYLE = """
body { margin: 1em auto; width: max-content; max-width: 100%; }
pre { font: 10pt/1.25 monospace; margin: 0; white-space: pre; }
pre.large { font-size: 14pt; font-weight: bold; }
@page { margin: 4mm; }
@media print { body { margin: 0; } }
"""

router = APIRouter(
    prefix="/tabs/{tabId}",
    tags=["Paper"],
    route_class=TillRoute,
    responses=media_types("text/html"),
    default_response_class=PlainTextResponse,
)


@router.get("/bill", name="print-bill", summary="Print the bill: what is to pay")
@lane(Lane.SEARCHES)
async def print_bill(
    tabId: TabId,
    query: Annotated[PaperQuery, Query()],
    requester: TillRequester,
    services: TheServices,
) -> Response:
    return printed_sheet(await services.papers.bill(tabId, requester), query)


@router.get(
    "/receipt",
    name="print-receipt",
    summary="Print the VAT receipt with its number: what was paid; the same again is a copy",
    responses=refusals(409),
)
@lane(Lane.SEARCHES)
async def print_receipt(
    tabId: TabId,
    query: Annotated[ReceiptQuery, Query()],
    requester: TillRequester,
    services: TheServices,
) -> Response:
    customer = None
    if query.customerName is not None and query.customerAddress is not None:
        customer = Customer(query.customerName, query.customerAddress)
    return printed_sheet(await services.receipts.receipt(tabId, requester, customer), query)


@router.get(
    "/refund-receipt",
    name="print-refund-receipt",
    summary="Print the credit note or refund receipt with its number: what went back since the last one",
    responses=refusals(409),
)
@lane(Lane.SEARCHES)
async def print_refund_receipt(
    tabId: TabId,
    query: Annotated[PaperQuery, Query()],
    requester: TillRequester,
    services: TheServices,
) -> Response:
    return printed_sheet(await services.receipts.refund(tabId, requester), query)


@router.get(
    "/kitchen-ticket",
    name="print-kitchen-ticket",
    summary="Print the kitchen's ticket of a round, with what was voided since",
    responses=refusals(409),
)
@lane(Lane.SEARCHES)
async def print_kitchen_ticket(
    tabId: TabId,
    query: Annotated[TicketQuery, Query()],
    requester: TillRequester,
    services: TheServices,
) -> Response:
    sheet = await services.papers.kitchen_ticket(tabId, query.round, requester)
    return printed_sheet(sheet, query, large=True)


def printed_sheet(sheet: Sheet, query: PaperQuery, *, large: bool = False) -> Response:
    """The sheet in the form that the query wants."""
    if query.format == "text":
        return PlainTextResponse(sheet.text)
    size = ' class="large"' if large else ""
    body = f"<pre{size}>{escape(sheet.text)}</pre>\n"
    return printed_page(document(sheet.title, _STYLE, body))
