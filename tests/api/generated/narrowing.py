"""A document narrowed to what exists in one venue, so that requests made from it succeed."""

import copy
from typing import Any

from tests.api.generated.stage import LARGE, LOCK, Stage

Json = dict[str, Any]

_WAITERS = ["anna", "ben", "cleo", "max"]
_NEW_ID: Json = {"type": "string", "pattern": "^new-[a-z]{12}$"}
_CHANGED_ID: Json = {"type": "string", "pattern": "^changed-[a-z]{12}$"}
_PAID_ID: Json = {"type": "string", "pattern": "^paid-[a-z]{12}$"}
_TIMES = {
    "startTime": ["2024-08-12T12:00:00.000Z", "2024-08-12T13:30:00+01:00"],
    "endTime": ["2024-08-12T14:00:00.000Z", "2024-08-12T15:30:00.1234567+01:00"],
    "fromTime": ["2024-08-12T00:00:00Z"],
    "toTime": ["2024-08-13T00:00:00Z"],
}


def narrowed(document: Json, stage: Stage) -> Json:
    """The same operations and answers; requests name what is on the stage."""
    document = copy.deepcopy(document)
    _part_requests(document)
    _narrow_bodies(document["components"]["schemas"], stage)
    _narrow_parameters(document, stage)
    for path, after in stage.cursors.items():
        _narrow_cursor(document, path, after)
    return document


_SCHEMAS = "#/components/schemas/"
_SENT = "Sent"


def _part_requests(document: Json) -> None:
    """Gives requests schemas of their own: answers share some, and shall stay as they are."""
    schemas = document["components"]["schemas"]
    schemas |= {f"{_SENT}{name}": _as_sent(schema) for name, schema in schemas.items()}
    for item in document["paths"].values():
        for operation in item.values():
            if "requestBody" in operation:
                operation["requestBody"] = _as_sent(operation["requestBody"])


def _as_sent(value: Any) -> Any:
    """A copy that refers to the schemas of requests."""
    if isinstance(value, dict):
        return {name: _as_sent(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_sent(inner) for inner in value]
    is_reference = isinstance(value, str) and value.startswith(_SCHEMAS)
    return value.replace(_SCHEMAS, _SCHEMAS + _SENT) if is_reference else value


# --- bodies ---------------------------------------------------------------------------------------


def _narrow_bodies(schemas: Json, stage: Stage) -> None:
    for name, properties in _bodies(stage).items():
        # Our own document has the request side of some schemas under a name of its own.
        for schema in (schemas.get(f"{_SENT}{name}"), schemas.get(f"{_SENT}{name}Input")):
            if schema is not None:
                schema["properties"] |= {
                    field: narrow
                    for field, narrow in properties.items()
                    if field in schema["properties"]
                }


def _bodies(stage: Stage) -> dict[str, Json]:
    """What the properties of a request become."""
    tables, reservations = list(stage.venue.tables), [stage.reservation]
    return {
        "CreateOrderRequest": {
            "dojoOrderId": _NEW_ID,
            "totalAmount": _money(LARGE, LARGE + 100),
            "serviceChargeAmount": _money(0, 100),
            "payments": _list(_payment(_NEW_ID), 2),
            "items": {"maxItems": 2, **_items(schema="OrderItem")},
        },
        "DineInDetails": {
            "tableId": _one_of(tables),
            "waiterId": _one_of(_WAITERS),
            "partyId": _one_of([stage.party]),
            "reservationId": _one_of(reservations),
        },
        "PaymentWithLockId": _payment(_PAID_ID)["properties"] | {"lockId": _one_of([LOCK])},
        "CreateOrderLockRequest": {"lockId": _NEW_ID, "expiry": _one_of([stage.soon])},
        "ExtendOrderLockRequest": {"expiry": _one_of([stage.soon])},
        "SearchDineInDetails": {
            "tableId": _one_of(tables),
            "waiterId": _one_of(_WAITERS),
            "partyId": _one_of([stage.party]),
            "reservationId": _one_of(reservations),
        },
        "SearchTablesRequest": {
            "areaId": _one_of(["area_main", "area_terrace"]),
            "waiterId": _one_of(_WAITERS),
        },
        "CreatePartyRequest": _guests(stage.free_tables, stage)
        | {
            "dojoPartyId": _NEW_ID,
            "dojoReservationId": _NEW_ID,
            "reservationId": _one_of(reservations),
        },
        "UpdatePartyRequest": _guests([stage.changing_table], stage) | {"dojoPartyId": _CHANGED_ID},
        "SearchPartiesRequest": {"tableId": _one_of(tables)},
        "CreateReservationRequest": _guests(tables, stage) | {"dojoReservationId": _NEW_ID},
        "UpdateReservationRequest": _guests(tables, stage) | {"dojoReservationId": _CHANGED_ID},
        "SearchReservationsRequest": {
            "tableId": _one_of(tables),
            "fromTime": _one_of(_TIMES["fromTime"]),
            "toTime": _one_of(_TIMES["toTime"]),
        },
        "PaymentIntentEvent": {"paymentIntentId": _one_of(stage.intents)},
    }


def _guests(tables: list[str], stage: Stage) -> Json:
    return {
        "tableIds": _list(_one_of(tables), 1) | {"minItems": 1},
        "covers": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
        "startTime": _one_of(_TIMES["startTime"]),
        "endTime": _one_of(_TIMES["endTime"]),
        "deposit": {
            "type": "object",
            "properties": {
                "totalAmount": _money(0, 10_000),
                "paymentIntentIds": _list(_one_of(stage.intents), 2),
            },
            "required": ["totalAmount", "paymentIntentIds"],
        },
    }


def _payment(intent: Json) -> Json:
    return {
        "type": "object",
        "properties": {
            "paymentIntentId": intent,
            "paidAmount": _money(1, 100),
            "tipsAmount": _money(0, 100),
        },
        "required": ["paymentIntentId", "paidAmount"],
    }


def _money(least: int, most: int) -> Json:
    return {
        "type": "object",
        "properties": {
            "value": {"type": "integer", "minimum": least, "maximum": most},
            "currencyCode": _one_of(["GBP"]),
        },
        "required": ["value", "currencyCode"],
    }


def _items(schema: str) -> Json:
    return {"type": "array", "items": {"$ref": f"{_SCHEMAS}{_SENT}{schema}"}}


def _list(schema: Json, most: int) -> Json:
    return {"type": "array", "items": schema, "maxItems": most}


def _one_of(values: list[str]) -> Json:
    return {"type": "string", "enum": values}


# --- paths, headers, cursors ----------------------------------------------------------------------


def _narrow_parameters(document: Json, stage: Stage) -> None:
    document["components"]["parameters"]["WaiterId"]["schema"] = _one_of(_WAITERS)
    for path, item in document["paths"].items():
        shared = item.pop("parameters", [])
        for method, operation in item.items():
            own = [*copy.deepcopy(shared), *operation.get("parameters", [])]
            operation["parameters"] = [_parameter(own_one, path, method, stage) for own_one in own]


def _parameter(parameter: Json, path: str, method: str, stage: Stage) -> Json:
    if parameter.get("in") != "path":
        return parameter
    return parameter | {"schema": _one_of(_ids(parameter["name"], path, method, stage))}


def _ids(name: str, path: str, method: str, stage: Stage) -> list[str]:
    """Each operation gets what it may use up: a deleted party cannot be updated."""
    delete = method == "delete"
    return {
        "lockId": [LOCK],
        "orderId": _order_ids(path, stage, delete=delete),
        "partyId": stage.leaving_parties if delete else [stage.changing_party],
        "reservationId": stage.dropped_reservations if delete else [stage.reservation],
    }[name]


def _order_ids(path: str, stage: Stage, *, delete: bool) -> list[str]:
    if "{lockId}" in path:
        return stage.locked_orders
    if path.endswith("/record-payment"):
        return stage.payable_orders
    return stage.cancellable_orders if delete else stage.open_orders


def _narrow_cursor(document: Json, path: str, after: str) -> None:
    """Each search has cursors of its own, so its body stops sharing the schema of the others."""
    schemas = document["components"]["schemas"]
    body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    request = schemas[body["schema"]["$ref"].rpartition("/")[2]]
    request["properties"]["cursor"] = {
        "type": "object",
        "properties": {
            "limit": {"type": "integer", "minimum": 1, "maximum": 100},
            "after": _one_of([after]),
        },
    }
