"""Who works at the till."""

from fastapi import APIRouter

from epos.till.parameters import JustKey, TheServices, WaiterId
from epos.till.route import TillRoute
from epos.till_contract.staff import NewWaiter, SetPin, SignedIn, SignIn, Waiter, WaiterChange
from epos.web.contract_route import refusals
from epos.web.requester import AdminRequester, StaffRequester, TillRequester

router = APIRouter(tags=["Staff"], route_class=TillRoute)


@router.post(
    "/sign-in",
    name="sign-in",
    summary="Find the waiter whose PIN it is; guessing is slowed (429 with `Retry-After`)",
    responses=refusals(429),
)
async def sign_in(request: SignIn, requester: TillRequester, services: TheServices) -> SignedIn:
    return await services.staff.sign_in(request, requester)


@router.get("/waiters", name="list-waiters", summary="List all waiters, by name")
async def list_waiters(requester: StaffRequester, services: TheServices) -> list[Waiter]:
    return await services.staff.list(requester)


@router.post(
    "/waiters",
    name="create-waiter",
    summary="Add a waiter; an id that was removed comes back, without its PIN",
    responses=refusals(409),
)
async def create_waiter(
    request: NewWaiter, requester: AdminRequester, services: TheServices
) -> Waiter:
    return await services.staff.create(request, requester)


@router.put(
    "/waiters/{waiterId}",
    name="change-waiter",
    summary="Change a waiter; the PIN stays",
)
async def change_waiter(
    waiterId: WaiterId, request: WaiterChange, requester: AdminRequester, services: TheServices
) -> Waiter:
    return await services.staff.change(waiterId, request, requester)


@router.delete(
    "/waiters/{waiterId}",
    name="remove-waiter",
    summary="Remove a waiter, with the PIN and all assignments",
)
async def remove_waiter(
    waiterId: WaiterId, requester: AdminRequester, services: TheServices, _: JustKey = None
) -> None:
    await services.staff.remove(waiterId, requester)


@router.put(
    "/waiters/{waiterId}/pin",
    name="set-pin",
    summary="Give a waiter a PIN; the one before ends",
)
async def set_pin(
    waiterId: WaiterId, request: SetPin, requester: AdminRequester, services: TheServices
) -> Waiter:
    return await services.staff.set_pin(waiterId, request, requester)
