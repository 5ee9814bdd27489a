"""Tabs: opened, read, described."""

from typing import Annotated

from fastapi import APIRouter, Query

from epos.services.admission import Lane, lane
from epos.services.till.unit_of_work import Write
from epos.till.parameters import TabId, TheServices
from epos.till.route import TillRoute
from epos.till_contract.tab_requests import DescribeTab, ListTabs, OpenTab
from epos.till_contract.tabs import Tab, TabPage
from epos.web.contract_route import refusals
from epos.web.requester import TillRequester

router = APIRouter(prefix="/tabs", tags=["Tabs"], route_class=TillRoute)


@router.post("", name="open-tab", summary="Open a tab", responses=refusals(404, 409))
async def open_tab(request: OpenTab, requester: TillRequester, services: TheServices) -> Tab:
    return await services.tabs.open(request, requester)


@router.get(
    "",
    name="list-tabs",
    summary="List tabs and Dojo's orders, newest first, without what is in them",
)
@lane(Lane.SEARCHES)
async def list_tabs(
    query: Annotated[ListTabs, Query()], requester: TillRequester, services: TheServices
) -> TabPage:
    return await services.tabs.search(query, requester)


@router.get(
    "/{tabId}",
    name="get-tab",
    summary="Get a tab, or an order of Dojo's, with all that is in it",
)
async def get_tab(tabId: TabId, requester: TillRequester, services: TheServices) -> Tab:
    return await services.tabs.get(tabId, requester)


@router.put(
    "/{tabId}",
    name="describe-tab",
    summary="Set covers, note and the name on terminals; what is not sent is cleared",
    responses=refusals(409),
)
async def describe_tab(
    tabId: TabId, request: DescribeTab, requester: TillRequester, services: TheServices
) -> Tab:
    return await services.tabs.describe(request, Write(tabId, request.version, requester))
