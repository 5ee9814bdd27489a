"""Tabs that move: to another table or waiter, onto another tab, apart."""

from fastapi import APIRouter

from epos.services.till.unit_of_work import Write
from epos.till.parameters import TabId, TheServices
from epos.till.route import TillRoute
from epos.till_contract.tab_requests import Merge, Split, Transfer
from epos.till_contract.tabs import Merged, Parted, Tab
from epos.web.contract_route import refusals
from epos.web.requester import TillRequester

router = APIRouter(
    prefix="/tabs/{tabId}",
    tags=["The life of a tab"],
    route_class=TillRoute,
    responses=refusals(409),
)


@router.post(
    "/transfer",
    name="transfer-tab",
    summary="Move an order to another table or waiter",
)
async def transfer_tab(
    tabId: TabId, request: Transfer, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tab_moves.transfer(request, Write(tabId, request.version, requester))


@router.post("/merge", name="merge-tabs", summary="Put the lines of two tabs on one")
async def merge_tabs(
    tabId: TabId, request: Merge, requester: TillRequester, services: TheServices
) -> Merged:
    return await services.tab_moves.merge(request, Write(tabId, request.version, requester))


@router.post("/split", name="split-tab", summary="Put part of a tab on a new one")
async def split_tab(
    tabId: TabId, request: Split, requester: TillRequester, services: TheServices
) -> Parted:
    return await services.tab_moves.split(request, Write(tabId, request.version, requester))
