"""Money over the counter."""

from fastapi import APIRouter

from epos.services.admission import Lane, lane
from epos.services.till.unit_of_work import Write
from epos.till.parameters import PaymentId, TabId, TheServices
from epos.till.route import TillRoute
from epos.till_contract.tab_requests import CorrectPayment, EndPayment, RefundOrder, TakePayment
from epos.till_contract.tabs import Tab
from epos.web.contract_route import refusals
from epos.web.requester import TillRequester

router = APIRouter(
    prefix="/tabs/{tabId}",
    tags=["Money"],
    route_class=TillRoute,
    responses=refusals(409),
)


@router.post(
    "/payments",
    name="take-payment",
    summary="Take cash or other money for a tab, or for an order of Dojo's",
)
@lane(Lane.PAYMENTS)
async def take_payment(
    tabId: TabId, request: TakePayment, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_payments.take(request, Write(tabId, request.version, requester))


@router.post(
    "/payments/{paymentId}/refund",
    name="refund-payment",
    summary="Give back a payment that was taken over the counter, or a part of it",
    responses=refusals(429),
)
async def refund_payment(
    tabId: TabId,
    paymentId: PaymentId,
    request: EndPayment,
    requester: TillRequester,
    services: TheServices,
) -> Tab:
    return await services.tab_payments.refund(
        paymentId, request, Write(tabId, request.version, requester)
    )


@router.post(
    "/payments/{paymentId}/correct",
    name="correct-payment",
    summary="Take back a payment that was entered by mistake",
    responses=refusals(429),
)
async def correct_payment(
    tabId: TabId,
    paymentId: PaymentId,
    request: CorrectPayment,
    requester: TillRequester,
    services: TheServices,
) -> Tab:
    return await services.tab_payments.correct(
        paymentId, request, Write(tabId, request.version, requester)
    )


@router.post(
    "/refund",
    name="refund-order",
    summary="Give back all that was taken over the counter for an order",
    responses=refusals(429),
)
async def refund_order(
    tabId: TabId, request: RefundOrder, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_payments.refund_all(request, Write(tabId, request.version, requester))
