"""The OpenAPI 3.1 document of what we serve, made from the registry and the models.

Requests are described as what we accept, answers as what we say. Where the two differ, the request
side has the suffix `Input`; everything else has the name that the specification gives it.
"""

from collections.abc import Iterable
from http import HTTPStatus

from epos.contract.base import ID_SCHEMA
from epos.contract.openapi_parts import (
    HEADERS,
    REQUESTER_HEADERS,
    TRACE_ID,
    Document,
    Schemas,
    error_response,
    json_content,
    requester_parameters,
)
from epos.contract.operations import OPERATIONS, Operation

_TAGS = {
    "Areas": "The physical areas of the venue.",
    "Tables": "The tables of the venue and where they stand.",
    "Orders": "Orders, their locks, payments and bills.",
    "Parties": "Guests who sit at tables now.",
    "Reservations": "Guests who are expected.",
    "Events": "What Dojo tells us about payments.",
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
    schemas = Schemas(
        [operation.request for operation in operations],
        [operation.response for operation in operations],
    )
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
            "parameters": requester_parameters(),
            "headers": {"TraceId": TRACE_ID},
            "responses": {
                "ClientError": error_response("Client Error", schemas),
                "ServerError": error_response("Server Error", schemas),
            },
            "schemas": schemas.definitions,
        },
    }


# --- operations -----------------------------------------------------------------------------------


def _paths(operations: Iterable[Operation], schemas: Schemas) -> Document:
    paths: Document = {}
    for operation in operations:
        item = paths.setdefault(operation.path, {})
        item[operation.http_method.lower()] = _operation(operation, schemas)
    return paths


def _operation(operation: Operation, schemas: Schemas) -> Document:
    described: Document = {
        "operationId": operation.operation_id,
        "summary": operation.summary,
        "description": _description(operation),
        "tags": [operation.tag],
        "parameters": [
            *(_path_parameter(name) for name in operation.path_parameters),
            *({"$ref": f"#/components/parameters/{name}"} for name in REQUESTER_HEADERS),
        ],
    }
    if operation.request is not None:
        described["requestBody"] = {
            "required": True,
            "content": json_content(schemas.request(operation.request)),
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


def _responses(operation: Operation, schemas: Schemas) -> Document:
    answer: Document = {"description": HTTPStatus.OK.phrase, "headers": HEADERS}
    if operation.response is not None:
        answer["content"] = json_content(schemas.answer(operation.response))
    responses: Document = {"200": answer}
    if operation.capability == "CreateOrderLock":
        responses["409"] = error_response("The order cannot be locked now.", schemas)
    responses["4XX"] = {"$ref": "#/components/responses/ClientError"}
    responses["5XX"] = {"$ref": "#/components/responses/ServerError"}
    return responses
