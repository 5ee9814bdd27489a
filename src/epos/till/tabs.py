"""Tabs: opened, read, and what guests order put on them."""

from collections.abc import Iterator
from typing import Any

from epos.contract.codec import validate
from epos.services.api import Call
from epos.services.till.api import TillServices
from epos.services.till.unit_of_work import Write
from epos.till.operation import TillOperation
from epos.till_contract.paging import PAGING
from epos.till_contract.tab_requests import (
    AddItems,
    ChangeLine,
    DescribeTab,
    GiveDiscount,
    ListTabs,
    OpenTab,
    SendTab,
    SetServiceCharge,
    TakeDiscountAway,
    VoidLine,
)
from epos.till_contract.tabs import Tab, TabPage
from epos.web.routes import Handler

_TAG = "Tabs"


def operations(services: TillServices) -> Iterator[TillOperation]:
    yield from _reading(services)
    yield from _items(services)
    yield from _prices(services)


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
        handler=lambda call: services.tabs.open(call.body, call.requester),
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
            **PAGING,
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
    yield _change(
        "describe-tab",
        "PUT",
        "",
        "Set covers, note and the name on terminals; what is not sent is cleared",
        DescribeTab,
        lambda call: services.tabs.describe(call.body, write(call)),
    )


def _items(services: TillServices) -> Iterator[TillOperation]:
    edits = services.tab_edits
    yield _change(
        "add-items",
        "POST",
        "/items",
        "Put on a tab what the guests have ordered",
        AddItems,
        lambda call: edits.add_items(call.body.items, write(call)),
    )
    yield _change(
        "change-line",
        "PUT",
        "/items/{lineId}",
        "Put a line right",
        ChangeLine,
        lambda call: edits.change_line(call.ids["lineId"], call.body, write(call)),
    )
    yield _change(
        "void-line",
        "POST",
        "/void",
        "Make a line, or some of it, count no more",
        VoidLine,
        lambda call: edits.void_line(call.body, write(call)),
    )
    yield _change(
        "send-tab",
        "POST",
        "/send",
        "Send to the kitchen what it has not been told yet",
        SendTab,
        lambda call: edits.send(write(call)),
    )


def _prices(services: TillServices) -> Iterator[TillOperation]:
    edits = services.tab_edits
    yield _change(
        "give-discount",
        "POST",
        "/discount",
        "Take something off a line or the order, as a manager approves",
        GiveDiscount,
        lambda call: edits.discount(call.body, write(call)),
    )
    yield _change(
        "take-discount-away",
        "POST",
        "/discount/remove",
        "Take nothing off any more",
        TakeDiscountAway,
        lambda call: edits.remove_discount(call.body, write(call)),
    )
    yield _change(
        "set-service-charge",
        "POST",
        "/service-charge",
        "Put the service charge on or take it off",
        SetServiceCharge,
        lambda call: edits.set_service_charge(call.body, write(call)),
    )


def _change(
    name: str, http_method: str, path: str, summary: str, request: type[Any], handler: Handler
) -> TillOperation:
    """A write of a tab: it answers the tab."""
    return TillOperation(
        name=name,
        http_method=http_method,
        path=f"/till/v1/tabs/{{tabId}}{path}",
        summary=summary,
        tag=_TAG,
        handler=handler,
        request=request,
        response=Tab,
    )
