"""Where one OpenAPI document is not another, each difference under a name."""

import json
import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

# What a document says without promising or demanding anything.
_WORDS = {"title", "description", "example", "examples", "readOnly", "deprecated", "default"}
_ID = {"minLength": 1, "maxLength": 200, "pattern": r"^[^\x00-\x1f\x7f-\x9f]*$"}
_TEXT = r"^[^\x00]*$"
_NESTED = {"properties", "items", "required", "anyOf", "$ref"}


def deviations(ours: Json, published: Json) -> set[str]:
    """`Money.value maximum=10` where only ours has it, `... without maximum=10` where theirs has."""
    return {
        *_operation_deviations(_operations(ours), _operations(published)),
        *_schema_deviations(ours["components"]["schemas"], published["components"]["schemas"]),
    }


def _differences(ours: set[str], theirs: set[str]) -> Iterator[str]:
    yield from ours - theirs
    for fact in theirs - ours:
        place, _, said = fact.rpartition(" ")
        yield f"{place} without {said}"


# --- schemas --------------------------------------------------------------------------------------


def _schema_deviations(ours: Json, published: Json) -> Iterator[str]:
    """Our request side of a schema (`CustomerInput`) is compared with the schema that both share."""
    for name, schema in ours.items():
        shared = published.get(name.removesuffix("Input"))
        if shared is None:
            yield f"schema {name}"
        else:
            yield from _differences(set(_facts(name, schema)), set(_facts(name, shared)))
    shown = {name.removesuffix("Input") for name in ours}
    yield from (f"without schema {name}" for name in published if name not in shown)


def _facts(at: str, schema: Json) -> Iterator[str]:
    """Everything that a schema demands, one demand a line."""
    if "$ref" in schema:
        yield f"{at} is={_name(schema['$ref'])}"
    for name, inner in schema.get("properties", {}).items():
        if "$ref" not in schema:  # beside a reference they narrow what it already has
            yield f"{at}.{name} exists"
        yield from _facts(f"{at}.{name}", inner)
    yield from (f"{at}.{name} required" for name in schema.get("required", ()))
    if "items" in schema:
        yield from _facts(f"{at}[]", schema["items"])
    for number, choice in enumerate(schema.get("anyOf", ()), start=1):
        yield from _facts(f"{at}|{number}", choice)
    yield from (f"{at} {demand}" for demand in _keywords(schema))


def _keywords(schema: Json) -> Iterator[str]:
    said = {key: value for key, value in schema.items() if key not in _WORDS | _NESTED}
    if said.items() >= _ID.items():
        yield "form=id"
        said = {key: value for key, value in said.items() if key not in _ID}
    if said.get("pattern") == _TEXT:
        yield "form=text"
        del said["pattern"]
    for key, value in said.items():
        yield f"{key}={json.dumps(_wordless(value), sort_keys=True, separators=(',', ':'))}"


def _wordless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _wordless(inner) for key, inner in value.items() if key not in _WORDS}
    if isinstance(value, list):
        return [_wordless(inner) for inner in value]
    return _name(value) if isinstance(value, str) and value.startswith("#/") else value


def _name(reference: str) -> str:
    return reference.rpartition("/")[2].removesuffix("Input")


# --- operations -----------------------------------------------------------------------------------


def _operation_deviations(ours: dict[str, set[str]], theirs: dict[str, set[str]]) -> Iterator[str]:
    yield from (f"operation {at}" for at in ours.keys() - theirs.keys())
    yield from (f"without operation {at}" for at in theirs.keys() - ours.keys())
    both = ours.keys() & theirs.keys()
    found = {at: set(_differences(_in_ranges(ours[at], theirs[at]), theirs[at])) for at in both}
    everywhere = set.intersection(*found.values())
    yield from (f"every operation {difference}" for difference in everywhere)
    for at, differences in found.items():
        yield from (f"{at} {difference}" for difference in differences - everywhere)


def _in_ranges(ours: set[str], theirs: set[str]) -> set[str]:
    """An error that we describe by its status and the other document by its range (`4XX`) counts as part
    of that range: it must have what the range has, and nothing else.
    """

    def in_range(status: re.Match[str]) -> str:
        by_range = f"{status[0][0]}XX"
        exact = f"answer {status[0]}" in theirs
        return status[0] if exact or f"answer {by_range}" not in theirs else by_range

    return {re.sub(r"(?<=^answer )[45]\d\d$|^[45]\d\d(?= )", in_range, fact) for fact in ours}


def _operations(document: Json) -> dict[str, set[str]]:
    """What is said of each operation, by "GET /v1/areas"."""
    return {
        f"{method.upper()} {path}": set(_operation(document, item, item[method]))
        for path, item in document["paths"].items()
        for method in item.keys() - {"parameters"}
    }


def _operation(document: Json, item: Json, operation: Json) -> Iterator[str]:
    for parameter in [*item.get("parameters", []), *operation.get("parameters", [])]:
        yield from _parameter(_resolved(document, parameter))
    yield from _body("request", operation.get("requestBody", {}))
    for status, answer in operation["responses"].items():
        yield f"answer {status}"
        yield from _answer(status, _resolved(document, answer))
    security: list[Json] = operation.get("security") or document.get("security") or []
    yield from (f"security {scheme}" for choice in security for scheme in choice)


def _parameter(parameter: Json) -> Iterator[str]:
    place = f"{parameter['in']} {parameter['name']}"
    yield f"{place} exists"
    if parameter.get("required", False):
        yield f"{place} required"
    yield from _facts(place, parameter["schema"])


def _answer(at: str, answer: Json) -> Iterator[str]:
    yield from (f"{at} header={name}" for name in answer.get("headers", {}))
    yield from _body(at, answer)


def _body(at: str, body: Json) -> Iterator[str]:
    for media_type, content in body.get("content", {}).items():
        yield f"{at} type={media_type}"
        yield from _facts(at, content["schema"])
    if body.get("required", False):
        yield f"{at} required"


def _resolved(document: Json, value: Json) -> Json:
    if "$ref" not in value:
        return value
    found: Any = document
    for step in value["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    resolved: Json = found
    return resolved
