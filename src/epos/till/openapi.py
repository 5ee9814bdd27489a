"""The OpenAPI 3.1 document of the till's API, made from its operations and their models."""

from collections.abc import Sequence
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
from epos.till.operation import TillOperation


def openapi_document(operations: Sequence[TillOperation]) -> Document:
    """The document, the same for the same operations."""
    schemas = Schemas(
        [operation.request for operation in operations],
        [operation.response for operation in operations],
    )
    tags = dict.fromkeys(operation.tag for operation in operations)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Till API",
            "version": "1",
            "description": (
                "What staff and tills can do. Amounts are whole minor units of the venue's currency, "
                "percentages hundredths of a percent, times UTC. Every write of a tab carries the "
                "`version` that it saw; a stale one is a Conflict and changes nothing. Errors are "
                "those of the EPOS Data API."
            ),
        },
        "servers": [{"url": "/", "description": "The server that gave this document."}],
        "security": [{"basic": []}],
        "tags": [{"name": tag} for tag in tags],
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


def _paths(operations: Sequence[TillOperation], schemas: Schemas) -> Document:
    paths: Document = {}
    for operation in operations:
        item = paths.setdefault(operation.path, {})
        item[operation.http_method.lower()] = _operation(operation, schemas)
    return paths


def _operation(operation: TillOperation, schemas: Schemas) -> Document:
    roles = " or ".join(f"`{role}`" for role in sorted(operation.roles))
    described: Document = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"Role: {roles}.",
        "tags": [operation.tag],
        "parameters": _parameters(operation),
    }
    if operation.request is not None:
        body = json_content(schemas.request(operation.request))
        described["requestBody"] = {"required": True, "content": body}
    described["responses"] = {
        "200": _answer(operation, schemas),
        "4XX": {"$ref": "#/components/responses/ClientError"},
        "5XX": {"$ref": "#/components/responses/ServerError"},
    }
    return described


def _parameters(operation: TillOperation) -> list[Document]:
    path = [
        {"name": name, "in": "path", "required": True, "schema": ID_SCHEMA}
        for name in operation.path_parameters
    ]
    query = [
        {"name": name, "in": "query", "required": False, "description": text, "schema": ID_SCHEMA}
        for name, text in operation.query.items()
    ]
    requester = [{"$ref": f"#/components/parameters/{name}"} for name in REQUESTER_HEADERS]
    return [*path, *query, *requester]


def _answer(operation: TillOperation, schemas: Schemas) -> Document:
    answer: Document = {"description": HTTPStatus.OK.phrase, "headers": HEADERS}
    content: Document = {}
    if operation.response is not None:
        content |= json_content(schemas.answer(operation.response))
    content |= {kind: {"schema": {"type": "string"}} for kind in operation.media_types}
    return answer | ({"content": content} if content else {})
