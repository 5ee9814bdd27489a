"""Tabs: opened, read, and what guests order put on them."""

from collections.abc import Iterator

from epos.contract.codec import validate
from epos.services.api import Call
from epos.services.till.api import TillServices
from epos.services.till.tab_writes import Write
from epos.till.operation import TillOperation
from epos.till_contract.tab_requests import AddItems, ListTabs, OpenTab
from epos.till_contract.tabs import Tab, TabPage

_TAG = "Tabs"


def operations(services: TillServices) -> Iterator[TillOperation]:
    yield from _reading(services)
    yield from _items(services)


def write(call: Call) -> Write:
    """Which tab the request would change, and what it saw of it."""
    return Write(call.ids["tabId"], call.body.version, call.requester)


def _reading(services: TillServices) -> Iterator[TillOperation]:
    yield TillOperation(
        name="open-tab",
        http_method="POST",
        path="/till/v1/tabs",
        summary="Open a tab",
        tag=_TAG,
        handler=lambda call: services.tab_opening.open(call.body, call.requester),
        request=OpenTab,
        response=Tab,
    )
    yield TillOperation(
        name="list-tabs",
        http_method="GET",
        path="/till/v1/tabs",
        summary="Tabs and Dojo's orders, newest first, without what is in them",
        tag=_TAG,
        handler=lambda call: services.tabs.search(
            validate(ListTabs, dict(call.query)), call.requester
        ),
        response=TabPage,
        query={
            "tableId": "Those at this table.",
            "waiterId": "Those of this waiter, by assignment.",
            "status": "`open` (if it is not sent), `all`, or the name of a status.",
            "limit": "The most in one page: 1 to 100, 50 if it is not sent.",
            "before": "From the page behind: its `before`.",
            "after": "From the page in front: its `after`.",
        },
    )
    yield TillOperation(
        name="get-tab",
        http_method="GET",
        path="/till/v1/tabs/{tabId}",
        summary="A tab, or an order of Dojo's, with all that is in it",
        tag=_TAG,
        handler=lambda call: services.tabs.get(call.ids["tabId"], call.requester),
        response=Tab,
    )


def _items(services: TillServices) -> Iterator[TillOperation]:
    yield TillOperation(
        name="add-items",
        http_method="POST",
        path="/till/v1/tabs/{tabId}/items",
        summary="Put on a tab what the guests have ordered",
        tag=_TAG,
        handler=lambda call: services.tab_items.add(call.body.items, write(call)),
        request=AddItems,
        response=Tab,
    )
