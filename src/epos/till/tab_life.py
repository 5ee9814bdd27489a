"""The life of a tab: held, moved on, closed, cancelled, opened again; moved, joined, split."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from epos.domain.order_status import OrderStatus
from epos.services.till.api import TillServices
from epos.till.operation import TillOperation
from epos.till.tabs import write
from epos.till_contract.tab_requests import (
    BreakLock,
    Cancel,
    ChangeTab,
    GiveReason,
    HoldTab,
    Merge,
    MoveOn,
    Reopen,
    Split,
    Transfer,
)
from epos.till_contract.tabs import Merged, Parted, Tab
from epos.web.routes import Handler

_TAG = "The life of a tab"
_TAB = "/till/v1/tabs/{tabId}"


def operations(services: TillServices) -> Iterator[TillOperation]:
    yield from _holds(services)
    yield from _statuses(services)
    yield from _places(services)


def _holds(services: TillServices) -> Iterator[TillOperation]:
    status = services.tab_status
    yield TillOperation(
        name="hold-tab",
        http_method="PUT",
        path=f"{_TAB}/hold",
        summary="Say that someone edits the tab; for a minute at most, again and again",
        tag=_TAG,
        handler=lambda call: status.hold(call.ids["tabId"], call.body.seconds, call.requester),
        request=HoldTab,
        response=Tab,
    )
    yield TillOperation(
        name="release-tab",
        http_method="DELETE",
        path=f"{_TAB}/hold",
        summary="Say that nobody edits it any more",
        tag=_TAG,
        handler=lambda call: status.release(call.ids["tabId"], call.requester),
        response=Tab,
    )
    yield _post(
        "break-lock",
        "break-lock",
        "A manager ends the lock that is on it",
        lambda call: status.break_lock(call.ids["tabId"], call.body, call.requester),
        BreakLock,
    )


def _statuses(services: TillServices) -> Iterator[TillOperation]:
    status = services.tab_status
    yield _post(
        "progress-tab",
        "status",
        "Move an order on through the kitchen",
        lambda call: status.progress(OrderStatus(call.body.status), write(call)),
        MoveOn,
    )
    yield _post(
        "accept-tab",
        "accept",
        "Accept an order that waits as Submitted",
        lambda call: status.accept(write(call)),
        ChangeTab,
    )
    yield _post(
        "reject-tab",
        "reject",
        "Reject an order that waits as Submitted",
        lambda call: status.reject(call.body.reason, write(call)),
        GiveReason,
    )
    yield _post(
        "close-tab",
        "close",
        "Finish an order on which nothing is left to pay",
        lambda call: status.close(write(call)),
        ChangeTab,
    )
    yield _post(
        "cancel-tab",
        "cancel",
        "Cancel an order",
        lambda call: status.cancel(call.body.reason, write(call), call.body.approval),
        Cancel,
    )
    yield _post(
        "reopen-tab",
        "reopen",
        "A manager opens a finished order again",
        lambda call: status.reopen(call.body.reason, call.body.approval, write(call)),
        Reopen,
    )


def _places(services: TillServices) -> Iterator[TillOperation]:
    yield _post(
        "transfer-tab",
        "transfer",
        "Move an order to another table or waiter",
        lambda call: services.tab_moves.transfer(call.body, write(call)),
        Transfer,
    )
    merge = _post(
        "merge-tabs",
        "merge",
        "Put the lines of two tabs on one",
        lambda call: services.tab_moves.merge(call.body, write(call)),
        Merge,
    )
    yield replace(merge, response=Merged)
    split = _post(
        "split-tab",
        "split",
        "Put some of a tab on a new one",
        lambda call: services.tab_moves.split(call.body, write(call)),
        Split,
    )
    yield replace(split, response=Parted)


def _post(
    name: str, path: str, summary: str, handler: Handler, request: type[Any]
) -> TillOperation:
    return TillOperation(
        name=name,
        http_method="POST",
        path=f"{_TAB}/{path}",
        summary=summary,
        tag=_TAG,
        handler=handler,
        request=request,
        response=Tab,
    )
