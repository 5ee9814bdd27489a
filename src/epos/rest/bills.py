"""Bills: for the card machine as the contract says, and as plain text for people."""

import re
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from starlette.datastructures import Headers
from starlette.types import Scope

from epos.contract.bills import OrderBill
from epos.rest.parameters import OrderId, TheServices
from epos.web.contract_route import ContractRoute
from epos.web.requester import DojoRequester


class TextOrJson(ContractRoute):
    """Answers the whole bill as text to whoever asks for `text/plain` before JSON. That is no part of
    the contract: any other request, and one that takes both alike, gets the contract's answer.
    """

    async def carry_out(self, found: dict[str, Any], scope: Scope) -> bytes | Response:
        if not prefers_text(Headers(scope=scope).getlist("accept")):
            return await super().carry_out(found, scope)
        services, requester = found["services"], found["requester"]
        return PlainTextResponse(await services.bills.text(found["orderId"], requester))


router = APIRouter(prefix="/v1/orders/{orderId}", tags=["Orders"], route_class=TextOrJson)


@router.get(
    "/bill",
    name="GetOrderBillById",
    operation_id="v1-get-orders-bill",
    summary="Get a printable bill",
)
async def get_bill(orderId: OrderId, requester: DojoRequester, services: TheServices) -> OrderBill:
    return await services.bills.get(orderId, requester)


def prefers_text(accepted: list[str]) -> bool:
    """Whether these `Accept` headers name plain text with a higher weight than JSON."""
    kinds = ",".join(accepted)
    return _weight(kinds, "text/plain") > _weight(kinds, "application/json", "*/*")


def _weight(accepted: str, *kinds: str) -> float:
    """The highest weight that one of the kinds has by name; 0 for those that are not named."""
    weights = [0.0]
    for entry in accepted.lower().split(","):
        kind, *parameters = (part.strip() for part in entry.split(";"))
        if kind in kinds:
            weights.append(_quality(parameters))
    return max(weights)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return float(value) if re.fullmatch(r"[01](\.\d{0,3})?", value) else 0.0
    return 1.0
