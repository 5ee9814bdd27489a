"""Locks: whoever pays an order has it for themselves."""

from fastapi import APIRouter

from epos.contract.orders import (
    CreateOrderLockRequest,
    ExtendOrderLockRequest,
    ExtendOrderLockResponse,
    Order,
)
from epos.rest.parameters import LockId, OrderId, TheServices
from epos.services.admission import Lane, lane
from epos.web.contract_route import ContractRoute, refusals
from epos.web.requester import DojoRequester

router = APIRouter(prefix="/v1/orders/{orderId}", tags=["Orders"], route_class=ContractRoute)


@router.post(
    "/lock",
    name="CreateOrderLock",
    operation_id="v1-post-order-lock",
    summary="Lock an order",
    responses=refusals(409),
)
async def lock_order(
    orderId: OrderId,
    lock: CreateOrderLockRequest,
    requester: DojoRequester,
    services: TheServices,
) -> Order:
    return await services.locks.create(orderId, lock, requester)


@router.put(
    "/locks/{lockId}",
    name="ExtendOrderLock",
    operation_id="v1-put-extend-order-lock",
    summary="Extend the lock of an order",
)
async def extend_lock(
    orderId: OrderId,
    lockId: LockId,
    extension: ExtendOrderLockRequest,
    requester: DojoRequester,
    services: TheServices,
) -> ExtendOrderLockResponse:
    return await services.locks.extend(orderId, lockId, extension, requester)


@router.delete(
    "/locks/{lockId}",
    name="DeleteOrderLock",
    operation_id="v1-delete-order-lock",
    summary="Unlock an order",
)
@lane(Lane.PAYMENTS)
async def unlock_order(
    orderId: OrderId, lockId: LockId, requester: DojoRequester, services: TheServices
) -> Order:
    return await services.locks.release(orderId, lockId, requester)
