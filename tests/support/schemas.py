"""What an answer must look like: every answer that a test sees is checked against the contract.

The published document decides where it is at hand, else our own exported one.
"""

import json
import re
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs

from tests.support.contract import REST, contract_dir
from tests.support.documents import epos_data_api, till_api
from tests.support.evidence import note

Json = dict[str, Any]
Hook = Callable[[httpx.Response], Awaitable[None]]

_OPENAPI = Path(__file__).resolve().parents[2] / "openapi"
_EXPORTED = _OPENAPI / "epos-data-api.json"
_TILL = "/till/v1/"
_OUTSIDE_THE_CONTRACT = ("/healthz", "/readyz", "/docs", "/openapi.json")
_DECLARED_BY_NONE = (405, 431, 500)
"""Errors of every path, or of the server: no operation declares them by itself."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def published_document() -> Json | None:
    """Dojo's document, where it is at hand."""
    folder = contract_dir()
    return None if folder is None else _read(folder / REST)


def exported_document() -> Json:
    """Our document: as it was exported, or, where it was not, as the code has it."""
    return _read(_EXPORTED) if _EXPORTED.is_file() else epos_data_api()


def _read(path: Path) -> Json:
    document: Json = json.loads(path.read_text(encoding="utf-8"))
    return document


class Answers:
    """The answers that one document promises."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._paths = [(_pattern(path), item) for path, item in _literal_first(document["paths"])]
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self._error = self._validator({"$ref": "#/components/schemas/EPOSError"})

    def check(self, response: httpx.Response) -> None:
        """Raises AssertionError for an answer that breaks the promise."""
        path = _path(response)
        if path.startswith(_OUTSIDE_THE_CONTRACT) or _is_for_people(response):
            return
        if response.is_error:
            self._check_error(response)
        else:
            self._check_success(response)

    def check_status(self, response: httpx.Response) -> None:
        """Raises AssertionError for an error whose status the operation does not declare by itself."""
        method, path, status = response.request.method, _path(response), response.status_code
        if response.is_error and status not in _DECLARED_BY_NONE:
            operation = self._operation(method, path)
            declared = operation is None or str(status) in operation["responses"]
            assert declared, f"the document does not declare this status: {_shown(response)}"

    def _check_error(self, response: httpx.Response) -> None:
        assert "x-trace-id" in response.headers, _shown(response)
        if response.request.method == "HEAD":
            return
        assert response.headers["content-type"] == "application/json", _shown(response)
        error = response.json()
        _validate(self._error, error, response)
        assert error["traceId"] == response.headers["x-trace-id"], _shown(response)

    def _check_success(self, response: httpx.Response) -> None:
        assert response.status_code == 200, _shown(response)
        content = self._content(response.request.method, _path(response))
        if not content:  # deletes, and events, which the published document does not have
            assert response.content == b"", _shown(response)
            assert "content-type" not in response.headers, _shown(response)
            return
        kind = response.headers["content-type"].partition(";")[0]
        assert kind in content, _shown(response)
        if kind == "application/json":
            _validate(self._validator(content[kind]["schema"]), response.json(), response)

    def _content(self, method: str, path: str) -> Json:
        """By media type; empty for a success without content."""
        if operation := self._operation(method, path):
            content: Json = operation["responses"]["200"].get("content", {})
            return content
        assert (method, path) == ("POST", "/v1/events"), f"{method} {path} is not in the contract"
        return {}

    def _operation(self, method: str, path: str) -> Json | None:
        for pattern, item in self._paths:
            if pattern.fullmatch(path) and method.lower() in item:
                operation: Json = item[method.lower()]
                return operation
        return None

    def _validator(self, schema: Json) -> jsonschema_rs.Draft202012Validator:
        key = json.dumps(schema)
        if key not in self._validators:
            self._validators[key] = jsonschema_rs.Draft202012Validator(
                schema | {"components": self._document["components"]},
                validate_formats=True,
                formats={"date-time": is_time},
            )
        return self._validators[key]


def _is_for_people(response: httpx.Response) -> bool:
    """A bill as plain text, for whoever asks for it, is an addition of ours."""
    asked = "text/plain" in response.request.headers.get("accept", "")
    return asked and response.is_success and response.request.url.path.endswith("/bill")


def is_time(text: str) -> bool:
    """Stricter than the format: answers are in UTC, with milliseconds and `Z`."""
    return _TIME.fullmatch(text) is not None


def _validate(
    validator: jsonschema_rs.Draft202012Validator, value: Any, response: httpx.Response
) -> None:
    faults = [
        f"{list(fault.instance_path)}: {fault.message}" for fault in validator.iter_errors(value)
    ]
    assert not faults, f"{faults[:5]} in {_shown(response)}"


def _path(response: httpx.Response) -> str:
    """As it was sent: a slash in an id is no part of the path's form."""
    return response.request.url.raw_path.decode("ascii").partition("?")[0]


def _shown(response: httpx.Response) -> str:
    request = response.request
    return f"{request.method} {request.url.path}: {response.status_code} {response.text[:2000]}"


def _literal_first(paths: Json) -> list[tuple[str, Json]]:
    return sorted(paths.items(), key=lambda named: "{" in named[0])


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{\w+}", "[^/]+", path))


@cache
def till_answers() -> Answers:
    """What the till's own document promises."""
    return Answers(till_api())


@cache
def own_answers() -> Answers:
    """What our own document of the EPOS Data API promises."""
    return Answers(epos_data_api())


@cache
def answers() -> Answers:
    """The promise of the EPOS Data API that counts here."""
    return Answers(published_document() or exported_document())


def validating_hook() -> Hook:
    """For `httpx.AsyncClient(event_hooks={"response": [validating_hook()]})`."""

    async def validate(response: httpx.Response) -> None:
        await response.aread()
        is_till = response.request.url.path.startswith(_TILL)
        (till_answers() if is_till else answers()).check(response)
        # The published document names no status of an error.
        (till_answers() if is_till else own_answers()).check_status(response)
        note(response)

    return validate
