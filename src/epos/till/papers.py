"""Paper: the bill, the VAT receipt and the kitchen's ticket, as text or as a page to be printed."""

from collections.abc import Awaitable, Callable, Iterator
from html import escape

from epos.contract.codec import validate
from epos.services.api import Call
from epos.services.till.api import TillServices
from epos.services.till.papers import Sheet
from epos.till.html import document
from epos.till.operation import TillOperation
from epos.till_contract.papers import PaperQuery, TicketQuery
from epos.web.replies import Document
from epos.web.routes import Handler

_TAG = "Paper"
_MEDIA_TYPES = ("text/plain", "text/html")
_FORMAT = {"format": "`text` (if it is not sent), or `page`, to be printed by a browser."}
_STYLE = """
body { margin: 1em auto; width: max-content; max-width: 100%; }
pre { font: 10pt/1.25 monospace; margin: 0; white-space: pre; }
pre.large { font-size: 14pt; font-weight: bold; }
@page { margin: 4mm; }
@media print { body { margin: 0; } }
"""


def operations(services: TillServices) -> Iterator[TillOperation]:
    papers = services.papers
    yield TillOperation(
        name="print-bill",
        http_method="GET",
        path="/till/v1/tabs/{tabId}/bill",
        summary="The bill: what is to pay",
        tag=_TAG,
        handler=_paper(lambda call: papers.bill(call.ids["tabId"], call.requester)),
        query=_FORMAT,
        media_types=_MEDIA_TYPES,
    )
    yield TillOperation(
        name="print-receipt",
        http_method="GET",
        path="/till/v1/tabs/{tabId}/receipt",
        summary="The VAT receipt: what was paid",
        tag=_TAG,
        handler=_paper(lambda call: papers.receipt(call.ids["tabId"], call.requester)),
        query=_FORMAT,
        media_types=_MEDIA_TYPES,
    )
    yield TillOperation(
        name="print-kitchen-ticket",
        http_method="GET",
        path="/till/v1/tabs/{tabId}/kitchen-ticket",
        summary="The kitchen's ticket of a round, with what was voided since",
        tag=_TAG,
        handler=lambda call: _ticket(services, call),
        query={"round": "Which; the last one, if it is not sent.", **_FORMAT},
        media_types=_MEDIA_TYPES,
    )


def _paper(read: Callable[[Call], Awaitable[Sheet]]) -> Handler:
    async def answer(call: Call) -> Document:
        query = validate(PaperQuery, dict(call.query))
        return _printed(await read(call), query)

    return answer


async def _ticket(services: TillServices, call: Call) -> Document:
    query = validate(TicketQuery, dict(call.query))
    sheet = await services.papers.kitchen_ticket(call.ids["tabId"], query.round, call.requester)
    return _printed(sheet, query, large=True)


def _printed(sheet: Sheet, query: PaperQuery, *, large: bool = False) -> Document:
    if query.format == "text":
        return Document("text/plain; charset=utf-8", sheet.text.encode())
    size = ' class="large"' if large else ""
    body = f"<pre{size}>{escape(sheet.text)}</pre>\n"
    return Document("text/html; charset=utf-8", document(sheet.title, _STYLE, body).encode())
