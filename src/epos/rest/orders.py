"""Orders: found, read, created, cancelled."""

from fastapi import APIRouter

from epos.contract.orders import CreateOrderRequest, Order, PagedOrdersResponse, SearchOrdersRequest
from epos.rest.parameters import OrderId, TheServices
from epos.services.admission import Lane, lane
from epos.web.contract_route import ContractRoute, refusals
from epos.web.requester import DojoRequester

router = APIRouter(prefix="/v1/orders", tags=["Orders"], route_class=ContractRoute)


@router.post(
    "/search", name="SearchOrders", operation_id="v1-search-orders", summary="Search orders"
)
@lane(Lane.SEARCHES)
async def search_orders(
    search: SearchOrdersRequest, requester: DojoRequester, services: TheServices
) -> PagedOrdersResponse:
    return await services.orders.search(search, requester)


@router.post(
    "",
    name="CreateOrder",
    operation_id="v1-post-orders",
    summary="Create an order",
    responses=refusals(409),
)
async def create_order(
    order: CreateOrderRequest, requester: DojoRequester, services: TheServices
) -> Order:
    return await services.orders.create(order, requester)


@router.get(
    "/{orderId}",
    name="GetOrderById",
    operation_id="v1-get-orders-orderId",
    summary="Get an order by id",
)
async def get_order(orderId: OrderId, requester: DojoRequester, services: TheServices) -> Order:
    return await services.orders.get(orderId, requester)


@router.delete(
    "/{orderId}",
    name="CancelOrderById",
    operation_id="v1-delete-orders-orderId",
    summary="Cancel an order by id",
    responses=refusals(409),
)
async def cancel_order(orderId: OrderId, requester: DojoRequester, services: TheServices) -> Order:
    return await services.orders.cancel(orderId, requester)
