"""FastAPI's own OpenAPI document, and one pass over it.

The pass changes form alone. Null is another way to be absent here, so it is left out, as are Pydantic's
titles. `X-Input` becomes `XInput` and `X-Output` becomes `X`. What every operation has in common (the
requester's headers, the errors, the trace id) stands once, under `components`.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

Json = dict[str, Any]

_SCHEMAS = "#/components/schemas/"
_TRACE_ID = {"X-Trace-Id": {"$ref": "#/components/headers/TraceId"}}
_SHARED_HEADER = {
    "TraceId": {
        "description": "Names this request in the server's logs; `traceId` of an error.",
        "schema": {"type": "string"},
    }
}
_RANGES = {"4XX": "Client Error", "5XX": "Server Error"}


def tidied(
    document: Json, prefix: str, descriptions: Mapping[str, str], examples: Mapping[str, Json]
) -> Json:
    """The document as it is published. `prefix` stands before each path. By operation id,
    `descriptions` has texts that the routes do not, and `examples` an example of the `request` and of
    the `answer`.
    """
    document |= {part: _plain(document[part]) for part in ("paths", "components")}
    shared: Json = {"parameters": {}, "responses": {}}
    for item in document["paths"].values():
        for operation in item.values():
            name = operation["operationId"]
            if name in descriptions:
                operation["description"] = descriptions[name]
            _share(operation, shared)
            _exemplify(operation, examples.get(name, {}))
    document["paths"] = {prefix + path: item for path, item in document["paths"].items()}
    components = document["components"]
    components["securitySchemes"] = {"basic": {"type": "http", "scheme": "basic"}}
    components["schemas"] = dict(sorted(components["schemas"].items()))
    components |= shared | {"headers": _SHARED_HEADER}
    return document | {"security": [{"basic": []}]}


def _plain(value: Any) -> Any:
    """Without null and titles, with the specification's names; FastAPI writes bounds as 1.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(element) for element in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("anyOf"), list):
        value = _without_null(value)
    plain = {_name(key): _plain(inner) for key, inner in value.items() if not _is_noise(key, inner)}
    if isinstance(plain.get("$ref"), str):
        plain["$ref"] = _name(plain["$ref"])
    return plain


def _without_null(schema: Json) -> Json:
    kinds = [kind for kind in schema["anyOf"] if kind != {"type": "null"}]
    if len(kinds) == len(schema["anyOf"]):
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**kinds[0], **rest} if len(kinds) == 1 else {**rest, "anyOf": kinds}


def _is_noise(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or (key == "default" and value is None)


def _name(name: str) -> str:
    """Pydantic writes `Customer-Input` and `Customer-Output` where the two directions differ."""
    if name.endswith("-Output"):
        return name.removesuffix("-Output")
    return name.removesuffix("-Input") + "Input" if name.endswith("-Input") else name


def _share(operation: Json, shared: Json) -> None:
    """Put what other operations have too under `components`, and refer to it."""
    for index, parameter in enumerate(operation.get("parameters", [])):
        if examples := parameter["schema"].pop("examples", None):
            parameter["example"] = examples[0]
        if parameter["in"] == "header":
            name = "".join(word.capitalize() for word in parameter["name"].split("-"))
            shared["parameters"][name] = parameter
            operation["parameters"][index] = {"$ref": f"#/components/parameters/{name}"}
    operation["responses"] = dict(sorted(operation["responses"].items()))
    for status, response in operation["responses"].items():
        response["headers"] = _TRACE_ID
        if status == "200":
            response["description"] = HTTPStatus.OK.phrase
            if response["content"] == {"application/json": {"schema": {}}}:
                del response["content"]
            continue
        phrase = _RANGES.get(status) or HTTPStatus(int(status)).phrase
        name = phrase.replace(" ", "")
        shared["responses"][name] = {
            "description": phrase,
            "headers": _TRACE_ID,
            "content": {"application/json": {"schema": {"$ref": f"{_SCHEMAS}EPOSError"}}},
        }
        operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}


def _exemplify(operation: Json, example: Json) -> None:
    for name, place in (
        ("request", operation.get("requestBody")),
        ("answer", operation["responses"]["200"]),
    ):
        if name in example and place is not None:
            place["content"]["application/json"]["example"] = example[name]
