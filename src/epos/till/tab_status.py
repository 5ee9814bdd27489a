"""The life of a tab: held, moved on, closed, cancelled, opened again."""

from fastapi import APIRouter

from epos.domain.order_status import OrderStatus
from epos.services.till.unit_of_work import Write
from epos.till.parameters import JustKey, TabId, TheServices
from epos.till.route import TillRoute
from epos.till_contract.tab_requests import (
    BreakLock,
    Cancel,
    ChangeTab,
    HoldTab,
    MoveOn,
    Reject,
    Reopen,
)
from epos.till_contract.tabs import Tab
from epos.web.contract_route import refusals
from epos.web.requester import TillRequester

router = APIRouter(
    prefix="/tabs/{tabId}",
    tags=["The life of a tab"],
    route_class=TillRoute,
)


@router.put(
    "/hold",
    name="hold-tab",
    summary="Hold the tab while someone edits it, for a minute at most; repeat to extend",
    responses=refusals(409),
)
async def hold_tab(
    tabId: TabId, request: HoldTab, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_status.hold(tabId, request.seconds, requester)


@router.delete("/hold", name="release-tab", summary="Release the hold on the tab")
async def release_tab(
    tabId: TabId, requester: TillRequester, services: TheServices, _: JustKey = None
) -> Tab:
    return await services.tab_status.release(tabId, requester)


@router.post(
    "/break-lock",
    name="break-lock",
    summary="End the lock that is on the tab, with a manager's approval",
    responses=refusals(409, 429),
)
async def break_lock(
    tabId: TabId, request: BreakLock, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_status.break_lock(tabId, request, requester)


@router.post(
    "/status",
    name="progress-tab",
    summary="Move an order on through the kitchen",
    responses=refusals(409),
)
async def progress_tab(
    tabId: TabId, request: MoveOn, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_status.progress(
        OrderStatus(request.status), Write(tabId, request.version, requester)
    )


@router.post(
    "/accept",
    name="accept-tab",
    summary="Accept an order that waits as Submitted",
    responses=refusals(409),
)
async def accept_tab(
    tabId: TabId, request: ChangeTab, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_status.accept(Write(tabId, request.version, requester))


@router.post(
    "/reject",
    name="reject-tab",
    summary="Reject an order that waits as Submitted",
    responses=refusals(409, 429),
)
async def reject_tab(
    tabId: TabId, request: Reject, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_status.reject(
        request.reason, Write(tabId, request.version, requester), request.approval
    )


@router.post(
    "/close",
    name="close-tab",
    summary="Close an order on which nothing is left to pay",
    responses=refusals(409),
)
async def close_tab(
    tabId: TabId, request: ChangeTab, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_status.close(Write(tabId, request.version, requester))


@router.post(
    "/cancel",
    name="cancel-tab",
    summary="Cancel an order",
    responses=refusals(409, 429),
)
async def cancel_tab(
    tabId: TabId, request: Cancel, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_status.cancel(
        request.reason, Write(tabId, request.version, requester), request.approval
    )


@router.post(
    "/reopen",
    name="reopen-tab",
    summary="Reopen a finished order, with a manager's approval",
    responses=refusals(409, 429),
)
async def reopen_tab(
    tabId: TabId, request: Reopen, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_status.reopen(
        request.reason, request.approval, Write(tabId, request.version, requester)
    )
