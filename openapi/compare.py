"""Compares two OpenAPI documents: `python openapi/compare.py BEFORE AFTER [--kinds]`.

One line for each difference in operations, parameters, bodies, statuses and schemas, such as
`+ GET /v1/areas: status 503`. Words (descriptions, summaries, examples) are only counted, at the end.
With `--kinds` the others are counted too: how often each keyword was added, removed or changed.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Facts = dict[str, str]
"""What a document says, by place: `schema Order: properties/note/type` is `string`."""

_WORDS = {"description", "summary", "example", "examples", "deprecated"}
_PROPERTIES_BY_NAME = {"properties", "schemas", "patternProperties"}
_SCHEMA_PREFIX = "#/components/schemas/"


def facts_of(document: Json) -> Facts:
    facts: Facts = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            place = f"{method.upper()} {path}"
            facts[place] = operation["operationId"]
            facts |= _operation_facts(document, operation, place)
    for name, schema in document["components"]["schemas"].items():
        facts[f"schema {name}"] = "defined"
        facts |= _flat(schema, f"schema {name}: ")
    return facts


def _operation_facts(document: Json, operation: Json, place: str) -> Facts:
    facts = _flat({name: operation[name] for name in _WORDS & set(operation)}, f"{place}: ")
    for parameter in operation.get("parameters", []):
        found = _resolved(document, parameter)
        where = f"{place}: parameter {found['in']} {found['name']}"
        facts[where] = "required" if found.get("required") else "optional"
        facts |= _flat(
            {key: found[key] for key in (*_WORDS, "schema") if key in found}, f"{where}/"
        )
    if body := operation.get("requestBody"):
        facts[f"{place}: body"] = "required" if body.get("required") else "optional"
        facts |= _flat(body["content"], f"{place}: body ")
    for status, response in operation["responses"].items():
        facts[f"{place}: status {status}"] = "declared"
        content = _resolved(document, response).get("content", {})
        facts |= _flat(content, f"{place}: status {status} ")
    return facts


def _resolved(document: Json, value: Json) -> Json:
    """A parameter or a response that stands under `components`."""
    while "$ref" in value:
        found = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        value = found
    return value


def _flat(value: Any, place: str, *, by_name: bool = False) -> Facts:
    return dict(_flattened(value, place, by_name))


def _flattened(value: Any, place: str, by_name: bool) -> Iterator[tuple[str, str]]:  # noqa: FBT001
    """Each scalar with its place. Lists of scalars (`required`, `enum`) are compared as sets; words are
    one fact each.
    """
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _WORDS and not by_name:
                yield f"{place}{key}", json.dumps(inner)
            elif isinstance(inner, dict | list):
                yield from _flattened(inner, f"{place}{key}/", key in _PROPERTIES_BY_NAME)
            else:
                yield f"{place}{key}", str(inner).removeprefix(_SCHEMA_PREFIX)
        if by_name:
            yield from ((f"{place}{name}", "property") for name in value)
    else:
        for index, element in enumerate(value):
            if isinstance(element, dict | list):
                yield from _flattened(element, f"{place}{index}/", by_name=False)
            else:
                yield f"{place}{element}", "listed"


def differences(before: Facts, after: Facts) -> Iterator[tuple[str, str]]:
    """Each difference as its sign (+ added, - removed, ~ changed) and the place. What is inside of
    something that was added or removed is not named again.
    """
    whole = ("", "")
    for place in sorted(before.keys() | after.keys()):
        if before.get(place) == after.get(place):
            continue
        sign = "+" if place not in before else "-" if place not in after else "~"
        if whole[0] == sign and _is_inside(place, whole[1]):
            continue
        if sign != "~":
            whole = (sign, place)
        yield sign, place


def _is_inside(place: str, outer: str) -> bool:
    following = place.removeprefix(outer)[:1]
    return place.startswith(outer) and (
        following in {" ", ":"} or (following == "/" and ": " in outer)
    )


def _last_word(place: str) -> str:
    return place.rpartition("/")[2].rpartition(": ")[2]


def _kind(place: str) -> str:
    """What sort of fact stands at a place: `status 409`, `schema maxLength`, `property`."""
    head, _, rest = place.partition(": ")
    if not rest:
        return "schema" if head.startswith("schema ") else "operation"
    if rest.startswith(("status", "parameter", "body")) and "/" not in rest:
        return rest
    if "properties" in rest.split("/")[-2:-1]:
        return "property of a schema"
    parts = rest.split("/")
    keyword = parts[-2] if len(parts) > 1 and parts[-2] in {"required", "enum"} else parts[-1]
    return f"{'schema' if head.startswith('schema ') else 'operation'} {keyword}"


def main() -> None:
    names = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    before, after = (facts_of(json.loads(Path(name).read_text("utf-8"))) for name in names)
    kinds: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for sign, place in differences(before, after):
        if _last_word(place).rpartition(" ")[2] in _WORDS:
            words[f"{sign} {_last_word(place).rpartition(' ')[2]}"] += 1
            continue
        kinds[f"{sign} {_kind(place)}"] += 1
        if "--kinds" not in sys.argv:
            changed = f": {before[place]} -> {after[place]}" if sign == "~" else ""
            print(f"{sign} {place}{changed}")
    if "--kinds" in sys.argv:
        for kind, count in sorted(kinds.items()):
            print(f"{count:5} {kind}")
    for word, count in sorted(words.items()):
        print(f"{count:5} {word} (words)")


if __name__ == "__main__":
    main()
