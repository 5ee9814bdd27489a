"""What OpenAPI documents made from models share: schemas, who asks, how errors look.

Requests are described as what we accept, answers as what we say. Where the two differ, the request
side has the suffix `Input`; everything else has the name of its model.
"""

from collections.abc import Iterable
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from epos.contract.base import ID_SCHEMA
from epos.contract.errors import EPOSError

Document = dict[str, Any]
Mode = Literal["validation", "serialization"]

_REFERENCE = "#/components/schemas/"

# component name: (header name, example, description)
REQUESTER_HEADERS = {
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


class _Generator(GenerateJsonSchema):
    """Pydantic's schemas without null: it is another way to be absent."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        json_schema = super().default_schema(schema)
        if json_schema.get("default", ...) is None:
            del json_schema["default"]
        return json_schema


class Schemas:
    """The models of some operations in both directions, under one set of names."""

    def __init__(self, requests: Iterable[type[Any] | None], responses: Iterable[Any]) -> None:
        """Of each operation, or None; a response is a model or `list[model]`."""
        wanted: dict[tuple[type[BaseModel], Mode], None] = {(EPOSError, "serialization"): None}
        for request, response in zip(requests, responses, strict=True):
            if request is not None:
                wanted[request, "validation"] = None
            if response is not None:
                wanted[_model(response), "serialization"] = None
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


# --- parts of every document ------------------------------------------------------------------------


def requester_parameters() -> Document:
    return {
        component: {
            "name": header,
            "in": "header",
            "required": False,
            "description": description,
            "schema": ID_SCHEMA,
            "example": example,
        }
        for component, (header, example, description) in REQUESTER_HEADERS.items()
    }


TRACE_ID = {
    "description": "Names this request in the server's logs; `traceId` of an error.",
    "schema": {"type": "string"},
}
HEADERS = {"X-Trace-Id": {"$ref": "#/components/headers/TraceId"}}


def error_response(description: str, schemas: Schemas) -> Document:
    return {
        "description": description,
        "headers": HEADERS,
        "content": json_content(schemas.answer(EPOSError)),
    }


def json_content(schema: JsonSchemaValue) -> Document:
    return {"application/json": {"schema": schema}}
