"""The OpenAPI 3.1 document of what we serve, made from the registry and the models.

Requests are described as what we accept, answers as what we say. Where the two differ, the request
side has the suffix `Input`; everything else has the name that the specification gives it.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from epos.contract.base import ID_SCHEMA
from epos.contract.errors import EPOSError
from epos.contract.operations import OPERATIONS, Operation

Document = dict[str, Any]
Mode = Literal["validation", "serialization"]

_REFERENCE = "#/components/schemas/"

_TAGS = {
    "Areas": "The physical areas of the venue.",
    "Tables": "The tables of the venue and where they stand.",
    "Orders": "Orders, their locks, payments and bills.",
    "Parties": "Guests who sit at tables now.",
    "Reservations": "Guests who are expected.",
    "Events": "What Dojo tells us about payments.",
}

# component name: (header name, example, description)
_REQUESTER_HEADERS = {
    "WaiterId": ("waiter-id", "42", "The waiter who makes the request, if known."),
    "DojoRequestingProduct": (
        "dojo-requesting-product",
        "Order&Pay",
        "The Dojo product that makes the request, if known.",
    ),
    "DeviceId": (
        "device-id",
        "tm_sandbox_65c5fe8a104a1222b2d8b968",
        "The device that makes the request, if known.",
    ),
    "DeviceType": (
        "device-type",
        "Dojo Terminal",
        "The kind of device that makes the request, if known.",
    ),
}

_PATH_PARAMETERS = {
    "orderId": "The EPOS id of the order.",
    "lockId": "The id that Dojo gave the lock.",
    "partyId": "The EPOS id of the party.",
    "reservationId": "The EPOS id of the reservation.",
}


def openapi_document(operations: Iterable[Operation] = OPERATIONS) -> Document:
    """The document, the same for the same operations."""
    operations = tuple(operations)
    schemas = _Schemas(operations)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "EPOS Data API (REST)",
            "version": "1.0",
            "description": (
                "Dojo's EPOS Data API as this server serves it: what it accepts in requests and "
                "what it answers. Optional properties may be null in requests, which counts as "
                "absent; answers leave them out."
            ),
        },
        "servers": [{"url": "/", "description": "The server that gave this document."}],
        "security": [{"basic": []}],
        "tags": [
            {"name": tag, "description": description}
            for tag, description in _TAGS.items()
            if any(operation.tag == tag for operation in operations)
        ],
        "paths": _paths(operations, schemas),
        "components": {
            "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}},
            "parameters": _requester_parameters(),
            "headers": {"TraceId": _TRACE_ID},
            "responses": {
                "ClientError": _error("Client Error", schemas),
                "ServerError": _error("Server Error", schemas),
            },
            "schemas": schemas.definitions,
        },
    }


# --- schemas --------------------------------------------------------------------------------------


class _Generator(GenerateJsonSchema):
    """Pydantic's schemas without null: it is another way to be absent."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        json_schema = super().default_schema(schema)
        if json_schema.get("default", ...) is None:
            del json_schema["default"]
        return json_schema


class _Schemas:
    """The models of some operations in both directions, under one set of names."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        wanted: dict[tuple[type[BaseModel], Mode], None] = {(EPOSError, "serialization"): None}
        for operation in operations:
            if operation.request is not None:
                wanted[operation.request, "validation"] = None
            if operation.response is not None:
                wanted[_model(operation.response), "serialization"] = None
        self._references, generated = models_json_schema(
            list(wanted),
            by_alias=False,
            ref_template=_REFERENCE + "{model}",
            schema_generator=_Generator,
        )
        definitions = generated["$defs"]
        self.definitions = {
            _spec_name(name): _tidied(definitions[name])
            for name in sorted(definitions, key=_spec_name)
        }

    def request(self, model: type[BaseModel]) -> JsonSchemaValue:
        return _with_spec_name(self._references[model, "validation"])

    def answer(self, response: Any) -> JsonSchemaValue:
        reference = _with_spec_name(self._references[_model(response), "serialization"])
        is_list = get_origin(response) is list
        return {"type": "array", "items": reference} if is_list else reference


def _model(response: Any) -> type[BaseModel]:
    model: type[BaseModel] = get_args(response)[0] if get_origin(response) is list else response
    return model


def _spec_name(name: str) -> str:
    """Pydantic writes `Customer-Input` and `Customer-Output` where the directions differ."""
    return name.removesuffix("-Output").replace("-", "")


def _with_spec_name(schema: JsonSchemaValue) -> JsonSchemaValue:
    return {**schema, "$ref": _REFERENCE + _spec_name(schema["$ref"].removeprefix(_REFERENCE))}


def _tidied(schema: Any) -> Any:
    """With the names of the specification, and without Pydantic's titles."""
    if isinstance(schema, list):
        return [_tidied(element) for element in schema]
    if not isinstance(schema, dict):
        return schema
    tidied = {
        name: _tidied(value)
        for name, value in schema.items()
        if not (name == "title" and isinstance(value, str))
    }
    return _with_spec_name(tidied) if isinstance(tidied.get("$ref"), str) else tidied


# --- operations -----------------------------------------------------------------------------------


def _paths(operations: Iterable[Operation], schemas: _Schemas) -> Document:
    paths: Document = {}
    for operation in operations:
        item = paths.setdefault(operation.path, {})
        item[operation.http_method.lower()] = _operation(operation, schemas)
    return paths


def _operation(operation: Operation, schemas: _Schemas) -> Document:
    described: Document = {
        "operationId": operation.operation_id,
        "summary": operation.summary,
        "description": _description(operation),
        "tags": [operation.tag],
        "parameters": [
            *(_path_parameter(name) for name in operation.path_parameters),
            *({"$ref": f"#/components/parameters/{name}"} for name in _REQUESTER_HEADERS),
        ],
    }
    if operation.request is not None:
        described["requestBody"] = {
            "required": True,
            "content": _json(schemas.request(operation.request)),
        }
    described["responses"] = _responses(operation, schemas)
    return described


def _description(operation: Operation) -> str:
    names = " or ".join(f"`{name}`" for name in operation.registrable_names)
    older = ", ".join(f"`{name}`" for name in operation.older_names)
    description = f"Capability: {names}"
    return f"{description} (older spelling: {older})." if older else f"{description}."


def _path_parameter(name: str) -> Document:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": _PATH_PARAMETERS[name],
        "schema": ID_SCHEMA,
    }


def _requester_parameters() -> Document:
    return {
        component: {
            "name": header,
            "in": "header",
            "required": False,
            "description": description,
            "schema": ID_SCHEMA,
            "example": example,
        }
        for component, (header, example, description) in _REQUESTER_HEADERS.items()
    }


_TRACE_ID = {
    "description": "Names this request in the server's logs; `traceId` of an error.",
    "schema": {"type": "string"},
}
_HEADERS = {"X-Trace-Id": {"$ref": "#/components/headers/TraceId"}}


def _responses(operation: Operation, schemas: _Schemas) -> Document:
    answer: Document = {"description": HTTPStatus.OK.phrase, "headers": _HEADERS}
    if operation.response is not None:
        answer["content"] = _json(schemas.answer(operation.response))
    responses: Document = {"200": answer}
    if operation.capability == "CreateOrderLock":
        responses["409"] = _error("The order cannot be locked now.", schemas)
    responses["4XX"] = {"$ref": "#/components/responses/ClientError"}
    responses["5XX"] = {"$ref": "#/components/responses/ServerError"}
    return responses


def _error(description: str, schemas: _Schemas) -> Document:
    return {
        "description": description,
        "headers": _HEADERS,
        "content": _json(schemas.answer(EPOSError)),
    }


def _json(schema: JsonSchemaValue) -> Document:
    return {"application/json": {"schema": schema}}
