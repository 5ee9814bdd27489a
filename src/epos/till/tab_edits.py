"""What stands on a tab and what it costs: items, discounts, the service charge."""

from fastapi import APIRouter

from epos.services.till.unit_of_work import Write
from epos.till.parameters import LineId, TabId, TheServices
from epos.till.route import TillRoute
from epos.till_contract.tab_requests import (
    AddItems,
    ChangeLine,
    GiveDiscount,
    SendTab,
    SetServiceCharge,
    SetTakeaway,
    TakeDiscountAway,
    VoidLine,
)
from epos.till_contract.tabs import Tab
from epos.web.contract_route import refusals
from epos.web.requester import TillRequester

router = APIRouter(
    prefix="/tabs/{tabId}", tags=["Tabs"], route_class=TillRoute, responses=refusals(409)
)


@router.post(
    "/items",
    name="add-items",
    summary="Add items that the guests ordered",
    responses=refusals(429),
)
async def add_items(
    tabId: TabId, request: AddItems, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_edits.add_items(request, Write(tabId, request.version, requester))


@router.put(
    "/items/{lineId}",
    name="change-line",
    summary="Correct a line",
    responses=refusals(429),
)
async def change_line(
    tabId: TabId,
    lineId: LineId,
    request: ChangeLine,
    requester: TillRequester,
    services: TheServices,
) -> Tab:
    return await services.tab_edits.change_line(
        lineId, request, Write(tabId, request.version, requester)
    )


@router.post(
    "/void",
    name="void-line",
    summary="Void a line or part of it",
    responses=refusals(429),
)
async def void_line(
    tabId: TabId, request: VoidLine, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_edits.void_line(request, Write(tabId, request.version, requester))


@router.post("/send", name="send-tab", summary="Send what is new to the kitchen")
async def send_tab(
    tabId: TabId, request: SendTab, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_edits.send(Write(tabId, request.version, requester))


@router.post(
    "/discount",
    name="give-discount",
    summary="Discount a line or the order, with a manager's approval",
    responses=refusals(429),
)
async def give_discount(
    tabId: TabId, request: GiveDiscount, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_edits.discount(request, Write(tabId, request.version, requester))


@router.post("/discount/remove", name="take-discount-away", summary="Remove a discount")
async def remove_discount(
    tabId: TabId, request: TakeDiscountAway, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_edits.remove_discount(
        request, Write(tabId, request.version, requester)
    )


@router.post(
    "/service-charge",
    name="set-service-charge",
    summary="Set or remove the service charge",
)
async def set_service_charge(
    tabId: TabId, request: SetServiceCharge, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_edits.set_service_charge(
        request, Write(tabId, request.version, requester)
    )


@router.post(
    "/takeaway",
    name="set-takeaway",
    summary="Say of lines, or of the tab, whether the guests take them away",
)
async def set_takeaway(
    tabId: TabId, request: SetTakeaway, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_edits.set_takeaway(request, Write(tabId, request.version, requester))
