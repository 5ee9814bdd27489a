"""Card payments that Dojo has taken."""

from fastapi import APIRouter

from epos.contract.orders import Order
from epos.contract.payments import PaymentWithLockId
from epos.rest.parameters import OrderId, TheServices
from epos.services.admission import Lane, lane
from epos.web.contract_route import ContractRoute, refusals
from epos.web.requester import DojoRequester

router = APIRouter(prefix="/v1/orders/{orderId}", tags=["Orders"], route_class=ContractRoute)


@router.post(
    "/record-payment",
    name="RecordOrderPaymentById",
    operation_id="v1-post-record-order-payment",
    summary="Record a payment",
    responses=refusals(409),
)
@lane(Lane.PAYMENTS)
async def record_payment(
    orderId: OrderId,
    payment: PaymentWithLockId,
    requester: DojoRequester,
    services: TheServices,
) -> Order:
    return await services.payments.record(orderId, payment, requester)
