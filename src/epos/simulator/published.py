"""Check messages against the published documents, where a folder with them is given.

The documents are not part of this project, and neither are the libraries that read them needed to
run it: both are looked for only when a folder is named.
"""

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from epos.simulator.calls import EposCall, Reply
from epos.simulator.journal import MessageTransport

Json = dict[str, Any]
_REST = "epos-data-rest.openapi.json"
_SOCKET = "epos-data-websocket.asyncapi.yml"
_API = "dojo-api-epos-and-payments.openapi.json"


class CannotCheck(Exception):
    """Why the published documents cannot be used, in one line."""


class PublishedDocuments:
    """The REST document, the WebSocket document and the one of Dojo's API."""

    def __init__(self, folder: Path) -> None:
        missing = [name for name in ("jsonschema", "yaml") if find_spec(name) is None]
        if missing:
            raise CannotCheck(f"checking against documents needs {' and '.join(missing)}")
        import yaml  # noqa: PLC0415 - as the module says

        try:
            self._rest = json.loads((folder / _REST).read_text(encoding="utf-8"))
            self._socket = yaml.safe_load((folder / _SOCKET).read_text(encoding="utf-8"))
            api = json.loads((folder / _API).read_text(encoding="utf-8"))
        except OSError as error:
            raise CannotCheck(f"{error.filename}: {error.strerror}") from None
        self._api = with_nulls(api)

    def answer(self, call: EposCall, reply: Reply, transport: MessageTransport) -> list[str]:
        """What is wrong with an answer of the EPOS."""
        if transport is MessageTransport.WEBSOCKET:
            return self._socket_answer(call, reply)
        if reply.error is not None:
            return faults(self._rest, _schema("EPOSError"), reply.error)
        pointer = _rest_pointer(self._rest, call.operation.path, call.operation.http_method)
        return faults(self._rest, pointer, reply.answer) if pointer else []

    def request(self, method: str, path: str, body: Any) -> list[str]:
        """What is wrong with a request of the EPOS to Dojo's API."""
        schema = f"{_operation(path, method)}/requestBody/content/application~1json/schema"
        return faults(self._api, schema, body) if _found(self._api, schema) is not None else []

    def api_answer(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """What is wrong with an answer of the simulated Dojo itself."""
        content = f"responses/{status}/content/application~1json/schema"
        schema = f"{_operation(path, method)}/{content}"
        if _found(self._api, schema) is None:
            return [f"{method} {path} {status}: is not published"]
        return faults(self._api, schema, body)

    def _socket_answer(self, call: EposCall, reply: Reply) -> list[str]:
        frame: Json = {"jsonrpc": "2.0", "id": call.id, "method": call.operation.websocket_method}
        if reply.error is not None:
            # The schemas of successes require a result: a refusal is only held to the envelope.
            frame["error"] = reply.error
            return faults(self._socket, _schema("JsonrpcResponseV1"), frame)
        frame["result"] = reply.answer
        pointer = f"#/channels/{call.operation.websocket_method}/publish/message/payload"
        return faults(self._socket, pointer, frame)


def faults(document: Json, pointer: str, instance: Any) -> list[str]:
    """What a schema inside a document says against an instance."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - as the module says

    validator = Draft202012Validator({**document, "$ref": pointer})
    errors = validator.iter_errors(instance)
    return [f"published: {'.'.join(map(str, one.absolute_path))}: {one.message}" for one in errors]


def with_nulls(node: Any) -> Any:
    """An OpenAPI 3.0 document whose `nullable` is said as JSON Schema says it."""
    if isinstance(node, list):
        return [with_nulls(one) for one in node]
    if not isinstance(node, dict):
        return node
    changed = {name: with_nulls(value) for name, value in node.items()}
    return {"anyOf": [changed, {"type": "null"}]} if node.get("nullable") is True else changed


def _schema(name: str) -> str:
    return f"#/components/schemas/{name}"


def _operation(path: str, method: str) -> str:
    return f"#/paths/{path.replace('/', '~1')}/{method.lower()}"


def _rest_pointer(document: Json, path: str, method: str) -> str | None:
    content = f"{_operation(path, method)}/responses/200/content/application~1json/schema"
    return content if _found(document, content) is not None else None


def _found(document: Json, pointer: str) -> Any:
    node: Any = document
    for step in _steps(pointer):
        node = node.get(step) if isinstance(node, dict) else None
    return node


def _steps(pointer: str) -> Iterator[str]:
    for step in pointer.removeprefix("#/").split("/"):
        yield step.replace("~1", "/").replace("~0", "~")
