"""Money over the counter."""

from fastapi import APIRouter

from epos.services.admission import Lane, lane
from epos.services.till.unit_of_work import Write
from epos.till.parameters import PaymentId, TabId, TheServices
from epos.till.route import TillRoute
from epos.till_contract.payment_requests import (
    CorrectPayment,
    CorrectTip,
    CountDeposit,
    RefundOrder,
    TakeTip,
)
from epos.till_contract.tab_requests import EndPayment, TakePayment
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


@router.post("/tips", name="take-tip", summary="Take a tip alone, also after the bill was paid")
async def take_tip(
    tabId: TabId, request: TakeTip, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tips.take(request, Write(tabId, request.version, requester))


@router.post(
    "/payments/{paymentId}/tip",
    name="correct-tip",
    summary="Correct the tip of a payment, or take it back",
    responses=refusals(429),
)
async def correct_tip(
    tabId: TabId,
    paymentId: PaymentId,
    request: CorrectTip,
    requester: TillRequester,
    services: TheServices,
) -> Tab:
    return await services.tips.correct(paymentId, request, Write(tabId, request.version, requester))


@router.post(
    "/deposits",
    name="count-deposit",
    summary="Count the deposit of a party as a payment, once",
)
async def count_deposit(
    tabId: TabId, request: CountDeposit, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.deposits.count(request, Write(tabId, request.version, requester))
