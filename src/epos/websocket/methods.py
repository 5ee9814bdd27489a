"""From the method and the params of a frame to the operation and its arguments."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from epos.contract.base import ID_RULE, is_id
from epos.contract.codec import validate
from epos.contract.errors import ContractViolation
from epos.contract.operations import Operation, by_websocket_method
from epos.domain.requester import REQUESTER_HEADERS, Requester
from epos.services.api import check_ids

_HEADERS = {header.websocket: header.field for header in REQUESTER_HEADERS}


def operation_of(method: str, served: Mapping[str, Any]) -> Operation:
    """Raises ContractViolation for a method that this server does not have."""
    operation = by_websocket_method(method)
    if operation is None or operation.capability not in served:
        raise ContractViolation("method", "method is not one of this EPOS")
    return operation


def requester_of(params: object, nobody: Requester) -> Requester:
    """`nobody`, as the `headers` of these params name them."""
    headers = params.get("headers") if isinstance(params, dict) else None
    return replace(nobody, **_sent(headers))


def arguments_of(operation: Operation, params: object) -> tuple[dict[str, str], BaseModel | None]:
    """What `params` has beside `headers`: the ids, and the rest, which is the body."""
    if params is None and operation.request is None:
        params = {}
    if not isinstance(params, dict):
        raise ContractViolation("params", "params must be an object")
    rest = {name: value for name, value in params.items() if name != "headers"}
    ids = {
        name: _id(sent_as, rest.pop(sent_as, None))
        for name, sent_as in operation.websocket_parameters.items()
    }
    check_ids(ids)
    return ids, _body(operation, rest)


def _id(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ContractViolation(name, f"{name} is required and must be text")
    return value


def _sent(headers: object) -> dict[str, str]:
    """Without `headers` nobody in particular asks, and no access rule applies."""
    if headers is None:
        return {}
    if not isinstance(headers, dict):
        raise ContractViolation("headers", "headers must be an object")
    known = {
        name: headers[sent]
        for sent, name in _HEADERS.items()
        if headers.get(sent) not in (None, "")
    }
    for sent, name in _HEADERS.items():
        if name in known and not (isinstance(known[name], str) and is_id(known[name])):
            raise ContractViolation(f"headers.{sent}", f"headers.{sent} {ID_RULE}")
    return known


def _body(operation: Operation, rest: dict[str, Any]) -> BaseModel | None:
    return None if operation.request is None else validate(operation.request, rest)
