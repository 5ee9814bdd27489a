"""Which properties of which schemas a request or an answer carried."""

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
SENT, ANSWERED = "sent", "answered"


class Fields:
    """The properties that one OpenAPI document knows, as `Schema.property`."""

    def __init__(self, document: Json) -> None:
        self._schemas: Json = document["components"]["schemas"]
        self._responses: Json = document["components"]["responses"]
        literal_first = sorted(document["paths"].items(), key=lambda named: "{" in named[0])
        self._operations = [
            (method.upper(), re.compile(re.sub(r"{\w+}", "[^/]+", path)), operation)
            for path, methods in literal_first
            for method, operation in methods.items()
        ]

    def sent(self, method: str, path: str, body: Any) -> set[str]:
        """Those that are in this body of a request."""
        return set(self._carried(self._request(self._operation(method, path)), body))

    def answered(self, method: str, path: str, status: int, body: Any) -> set[str]:
        """Those that are in this body of an answer."""
        schema = self._answer(self._operation(method, path), str(status))
        return set(self._carried(schema, body))

    def reachable(self, direction: str) -> set[str]:
        """All that a request (SENT) or an answer (ANSWERED) can have."""
        found: set[str] = set()
        for _, _, operation in self._operations:
            if direction == SENT:
                self._reach(self._request(operation), found)
            else:
                for status in operation["responses"]:
                    self._reach(self._answer(operation, status), found)
        return {f"{name}.{field}" for name in found for field in self._properties(name)}

    def _operation(self, method: str, path: str) -> Json:
        """Empty where there is none."""
        for wanted, pattern, operation in self._operations:
            if wanted == method and pattern.fullmatch(path):
                found: Json = operation
                return found
        return {}

    @staticmethod
    def _request(operation: Json) -> Json:
        return _of_json(operation.get("requestBody", {}))

    def _answer(self, operation: Json, status: str) -> Json:
        """That of the status, or of its hundred."""
        responses = operation.get("responses", {})
        response = responses.get(status) or responses.get(f"{status[0]}XX", {})
        if "$ref" in response:
            response = self._responses[_name(response)]
        return _of_json(response)

    def _carried(self, schema: Json, value: Any) -> Iterator[str]:
        """Parts of `anyOf` without a name (`required` alone) have no properties of their own."""
        if "$ref" in schema:
            name = _name(schema)
            if isinstance(value, dict):
                for field, part in self._properties(name).items():
                    if value.get(field) is not None:
                        yield f"{name}.{field}"
                        yield from self._carried(part, value[field])
            schema = self._schemas[name]
        if isinstance(value, list):
            for one in value:
                yield from self._carried(schema.get("items", {}), one)
        for part in schema.get("anyOf", []):
            yield from self._carried(part, value)

    def _reach(self, schema: Json, found: set[str]) -> None:
        if "$ref" in schema:
            name = _name(schema)
            if name in found:
                return
            found.add(name)
            schema = self._schemas[name]
        for part in schema.get("properties", {}).values():
            self._reach(part, found)
        for part in [schema.get("items", {}), *schema.get("anyOf", [])]:
            if part:
                self._reach(part, found)

    def _properties(self, name: str) -> Json:
        properties: Json = self._schemas[name].get("properties", {})
        return properties


def _of_json(holder: Json) -> Json:
    schema: Json = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _name(reference: Json) -> str:
    name: str = reference["$ref"].rpartition("/")[2]
    return name
