"""The WebSocket door without the socket, and what its frames must look like.

Every frame that a test sees is held against the published AsyncAPI document, where it is at hand.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

from epos.contract.operations import OPERATIONS
from epos.domain.identifiers import Identifiers
from epos.main import build_services, websocket_handlers, websocket_lanes
from epos.services.admission import Admission
from epos.services.callers import Caller
from epos.store.database import Database
from epos.websocket.dispatch import Dispatcher
from tests.support.contract import WEBSOCKET, contract_dir
from tests.support.orders import unique
from tests.support.schemas import is_time

Json = dict[str, Any]
_ENVELOPE = {"$ref": "#/components/schemas/JsonrpcResponseV1"}
_ERROR = {"$ref": "#/components/schemas/EPOSError"}


class Frames:
    """What the AsyncAPI document promises of every answer."""

    def __init__(self, folder: Path) -> None:
        text = (folder / WEBSOCKET).read_text(encoding="utf-8")
        self._document: Json = yaml.safe_load(text)
        self._results = {
            method: self._validator(channel["publish"]["message"]["payload"])
            for method, channel in self._document["channels"].items()
        }
        self._envelope, self._error = self._validator(_ENVELOPE), self._validator(_ERROR)

    @property
    def methods(self) -> set[str]:
        return set(self._results)

    def check(self, frame: Json) -> None:
        """Raises AssertionError for an answer that breaks the promise."""
        assert frame["jsonrpc"] == "2.0", frame
        assert ("result" in frame) != ("error" in frame), frame
        if "result" in frame:
            _validate(self._results[frame["method"]], frame)
            return
        # A frame that is no request has no method to echo; the schemas of methods want a result.
        _validate(self._envelope, {"method": ""} | frame)
        _validate(self._error, frame["error"])
        assert frame["error"].keys() == {"errorType", "debugMessage", "traceId"}, frame

    def _validator(self, schema: Json) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(
            schema | {"components": self._document["components"]},
            validate_formats=True,
            formats={"date-time": is_time},
        )


def _validate(validator: jsonschema_rs.Draft202012Validator, value: Json) -> None:
    found = [f"{list(one.instance_path)}: {one.message}" for one in validator.iter_errors(value)]
    assert not found, f"{found[:5]} in {json.dumps(value)[:2000]}"


@cache
def published_frames() -> Frames | None:
    folder = contract_dir()
    return None if folder is None else Frames(folder)


class Door:
    """Dojo's side of a venue's connection, without the socket."""

    def __init__(
        self, database: Database, venue_id: str, admission: Admission | None = None
    ) -> None:
        identifiers = Identifiers()
        handlers = websocket_handlers(build_services(database, identifiers))
        assert handlers.keys() == {operation.capability for operation in OPERATIONS}
        self._dispatcher = Dispatcher(
            handlers, identifiers, venue_id, "websocket", admission, websocket_lanes()
        )

    async def send(self, text: str) -> Any:
        """The answer to a frame, which is as published."""
        answer = json.loads(await self._dispatcher.answer(text.encode(), Caller()))
        published = published_frames()
        if published is not None:
            published.check(answer)
        return answer

    async def call(self, method: str, headers: Any = None, **params: Any) -> Any:
        """The answer to a request; it belongs to it."""
        frame = {"jsonrpc": "2.0", "id": unique("rpc"), "method": method}
        answer = await self.send(
            json.dumps(frame | {"params": params | {"headers": headers or {}}})
        )
        assert answer["jsonrpc"] == "2.0"
        assert (answer["id"], answer["method"]) == (frame["id"], method)
        assert ("result" in answer) != ("error" in answer)
        return answer
