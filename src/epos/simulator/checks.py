"""Check answers against the contract, more strictly than its models do.

Each violation is one line: where, and what.
"""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError

from epos.contract.errors import EPOSError, EPOSErrorType
from epos.contract.operations import OPERATIONS, Operation
from epos.contract.tables import PagedTablesResponse
from epos.simulator.journal import MessageTransport
from epos.simulator.problems import complaints

Json = dict[str, Any]
_ANSWERS: dict[str, TypeAdapter[Any]] = {
    operation.capability: TypeAdapter(operation.response)
    for operation in OPERATIONS
    if operation.response is not None
}
_TABLES_PAGE: TypeAdapter[Any] = TypeAdapter(PagedTablesResponse)
_ERROR: TypeAdapter[Any] = TypeAdapter(EPOSError)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_TIMES = {
    *("createdAt", "updatedAt", "startTime", "endTime", "expectedEndTime"),
    *("readyAt", "collectAt"),
}
_DETAILS = {"DineIn": "dineIn", "Collection": "collection"}
_STATUSES = {
    EPOSErrorType.NotFound: {404},
    EPOSErrorType.Conflict: {409},
    EPOSErrorType.InvalidRequest: {400, 401, 403, 405, 413, 415, 431},
    EPOSErrorType.UnexpectedError: {500, 502, 503, 504},
}


def answer_violations(
    operation: Operation, answer: Any, ids: dict[str, str], body: Json, transport: MessageTransport
) -> list[str]:
    """What is wrong with a success: its form, and what it says against the request."""
    found = form_violations(operation, answer, transport)
    return found or list(_sense_violations(operation, answer, ids, body))


def error_violations(error: Any, status: int | None = None) -> list[str]:
    """What is wrong with a refusal. `status` is REST's; it must suit the kind of error."""
    found = [*_validated(_ERROR, error), *_nulls(error, "")]
    if found or status is None:
        return found
    kind = EPOSErrorType(error["errorType"])
    return [] if status in _STATUSES[kind] else [f"status {status} does not suit {kind}"]


def form_violations(operation: Operation, answer: Any, transport: MessageTransport) -> list[str]:
    """What is wrong with the form of a success, whatever was asked for."""
    return [*_model_violations(operation, answer, transport), *_common_violations(answer, "")]


def _model_violations(operation: Operation, answer: Any, transport: MessageTransport) -> list[str]:
    if operation.response is None:
        # REST answers nothing at all, or an object that says nothing; the WebSocket the latter.
        empty: tuple[Any, ...] = ({},) if transport is MessageTransport.WEBSOCKET else (None, {})
        return [] if answer in empty else ["the answer must be empty"]
    adapter = _ANSWERS[operation.capability]
    if operation.capability == "SearchTables" and transport is MessageTransport.WEBSOCKET:
        adapter = _TABLES_PAGE
    return _validated(adapter, answer)


def _validated(adapter: TypeAdapter[Any], answer: Any) -> list[str]:
    try:
        # From JSON text: strict there means numbers are numbers, and enums may be their words.
        adapter.validate_json(_ANY.dump_json(answer), strict=True)
    except ValidationError as error:
        return complaints(error.errors(include_url=False, include_input=False))
    return []


_ANY: TypeAdapter[Any] = TypeAdapter(Any)


def _common_violations(answer: Any, path: str) -> Iterator[str]:
    yield from _nulls(answer, path)
    for place, name, value in _members(answer, path):
        if name in _TIMES and not (isinstance(value, str) and _TIME.fullmatch(value)):
            yield f"{place}: is not an RFC 3339 time with a zone"
        if name == "details" and isinstance(value, dict):
            member = _DETAILS.get(str(value.get("orderType")))
            if member and not isinstance(value.get(member), dict):
                yield f"{place}: has no {member}"
        if name == "phoneNumber" and not isinstance(value, str):
            yield f"{place}: is not text"


def _nulls(answer: Any, path: str) -> Iterator[str]:
    for place, _, value in _members(answer, path):
        if value is None:
            yield f"{place}: is null; what is absent is left out"


def _members(value: Any, path: str) -> Iterator[tuple[str, str, Any]]:
    """Every member of every object within: its path, its name and its value."""
    if isinstance(value, dict):
        for name, member in value.items():
            place = f"{path}.{name}" if path else name
            yield place, name, member
            yield from _members(member, place)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _members(member, f"{path}[{index}]")


# --- sense ----------------------------------------------------------------------------------------


def _sense_violations(
    operation: Operation, answer: Any, ids: dict[str, str], body: Json
) -> Iterator[str]:
    if not isinstance(answer, dict):
        return
    if "data" in answer:
        yield from _page_violations(answer, body)
        if operation.capability == "SearchParties" and not body.get("completedOnly"):
            left = [row for row in answer["data"] if "endTime" in row]
            yield from ("data: has a party that has left" for _ in left[:1])
        return
    order = answer.get("order", answer) if operation.capability == "GetOrderBillById" else answer
    asked = next((ids[name] for name in ("orderId", "partyId", "reservationId") if name in ids), "")
    if asked and isinstance(order, dict) and order.get("id", asked) != asked:
        yield "id: is not the one that was asked for"
    if isinstance(order, dict) and "payments" in order:
        yield from order_violations(order)


def _page_violations(page: Json, body: Json) -> Iterator[str]:
    rows = [row for row in page.get("data") or [] if isinstance(row, dict)]
    limit = (body.get("cursor") or {}).get("limit")
    if limit is not None and len(rows) > limit:
        yield "data: is longer than the limit"
    ids = [row.get("id") for row in rows]
    if len(set(ids)) < len(ids):
        yield "data: has the same id twice"
    for index, row in enumerate(rows):
        if "payments" in row:
            yield from (f"data[{index}].{found}" for found in order_violations(row))
        if body.get("payableOnly") and row.get("payable") is not True:
            yield f"data[{index}]: is not payable"


def order_violations(order: Json) -> Iterator[str]:
    """The sums of an order that is well formed, as the AsyncAPI document explains them."""
    payments = order["payments"]
    total = order["totalAmount"]["value"] if "totalAmount" in order else None
    paid = sum(one["paidAmount"]["value"] for one in payments)
    tips = sum(one["tipsAmount"]["value"] for one in payments if "tipsAmount" in one)
    sums = {"paidAmount": paid, "tipsAmount": tips}
    wrong = [name for name, sum_ in sums.items() if name in order and order[name]["value"] != sum_]
    yield from (f"{name}: is not the sum of the payments" for name in wrong)
    if total is not None and paid > total:
        yield "paidAmount: is more than totalAmount"
    if order.get("payable") and total is not None and paid >= total:
        yield "payable: nothing is left to pay"
