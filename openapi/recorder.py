"""What the story needs to be told: a server for it, calls by operation id, and the record of them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from epos.domain.credentials import Role
from epos.rest import app as rest
from epos.till import app as till
from epos.web.route_table import contract_routes

Json = dict[str, Any]
_SOURCES = Path(__file__).resolve().parents[1] / "src" / "epos"
_BANNER = "EPOS server on "
_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Operation:
    """How one operation is called, and by whom: `dojo`, `till` or `admin`."""

    method: str
    path: str
    role: Role


def operations_of(package: str) -> dict[str, Operation]:
    """The operations of one document, by operation id."""
    if package == "rest":
        found = contract_routes(rest.build_api())
    else:
        found = contract_routes(till.build_api(), till.PREFIX)
    return {
        route.operation_id or route.name: Operation(
            next(iter(route.methods or ())), path, _caller(route.arguments.roles)
        )
        for path, route, _ in found
    }


def _caller(roles: frozenset[Role]) -> Role:
    """A till calls what it may, whoever sets the venue up the rest."""
    return Role.TILL if Role.TILL in roles else next(iter(roles))


class Server:
    """`epos serve` with its own PostgreSQL, or on the database of a URL, and the demo venue."""

    def __init__(self, folder: Path, database_url: str | None = None) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EPOS_")}
        self._environment = kept | {
            "EPOS_DATA_DIR": str(folder / "data"),
            "EPOS_PORT": "0",
            "EPOS_LOG_LEVEL": "error",
        }
        if database_url is not None:
            self._environment["EPOS_DATABASE_URL"] = database_url

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serve until the block ends. Gives the URL."""
        told = [*_EPOS, "serve"]
        with subprocess.Popen(
            told, env=self._environment, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout is not None
                line = next(line for line in process.stdout if line.startswith(_BANNER))
                yield line.removeprefix(_BANNER).strip()
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(timeout=_SECONDS)

    def command(self, *arguments: str) -> str:
        """Run `epos` with these arguments on the same database, and give what it prints."""
        done = subprocess.run(
            [*_EPOS, *arguments], env=self._environment, capture_output=True, text=True, check=True
        )
        return done.stdout


_EPOS = [sys.executable, "-m", "epos"]


@dataclass(slots=True)
class Record:
    """The request and the answer of each operation that has one, by operation id."""

    operations: dict[str, Operation]
    examples: dict[str, Json] = field(default_factory=dict)

    def add(self, name: str, body: Json | None, answer: httpx.Response) -> None:
        assert name not in self.examples, f"{name} was recorded already"
        example: Json = {} if body is None else {"request": body}
        if answer.headers.get("content-type") == "application/json":
            example["answer"] = answer.json()
        self.examples[name] = example

    @property
    def text(self) -> str:
        """As it is kept: by operation id, without those that have nothing to show."""
        assert set(self.examples) == set(self.operations), "not every operation was played"
        shown = {name: example for name, example in sorted(self.examples.items()) if example}
        return json.dumps(shown, indent=1, ensure_ascii=False) + "\n"


class Venue:
    """One venue of a running server: calls its operations by id."""

    def __init__(self, url: str, users: dict[Role, tuple[str, str]], records: list[Record]) -> None:
        self._records = records
        self._clients = {
            role: httpx.Client(base_url=url, auth=user, timeout=_SECONDS)
            for role, user in users.items()
        }

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def play(
        self, name: str, body: Json | None = None, query: Json | None = None, **ids: str
    ) -> Any:
        """Call an operation and record it. Gives the answer's JSON, None if it has none."""
        record, answer = self._call(name, body, query, ids)
        record.add(name, body, answer)
        return _content(answer)

    def call(
        self, name: str, body: Json | None = None, query: Json | None = None, **ids: str
    ) -> Any:
        """The same without recording it: a step that the story needs."""
        return _content(self._call(name, body, query, ids)[1])

    def _call(
        self, name: str, body: Json | None, query: Json | None, ids: dict[str, str]
    ) -> tuple[Record, httpx.Response]:
        record = next(record for record in self._records if name in record.operations)
        operation = record.operations[name]
        answer = self._clients[operation.role].request(
            operation.method,
            operation.path.format(**ids),
            json=body,
            params=query,
            headers={"waiter-id": "101", "device-id": "till-1"}
            if operation.role == Role.TILL
            else {},
        )
        assert answer.status_code == 200, f"{name}: {answer.status_code} {answer.text}"
        return record, answer


def _content(answer: httpx.Response) -> Any:
    return answer.json() if answer.headers.get("content-type") == "application/json" else None


def file_of(package: str) -> Path:
    """Where the examples of a document are kept."""
    return _SOURCES / package / "examples.json"


def differences(kept: str, made: str) -> list[str]:
    """Which properties the kept examples have and those that were made now do not, and the reverse."""
    before, after = _paths(json.loads(kept)), _paths(json.loads(made))
    return [
        *(f"{path} is not kept" for path in sorted(after - before)),
        *(f"{path} is not there any more" for path in sorted(before - after)),
    ]


def _paths(value: Any, path: str = "") -> set[str]:
    """The paths of all properties in a JSON value, such as `open-tab/answer/lines/plu`."""
    if isinstance(value, list):
        return {found for element in value for found in _paths(element, path)}
    if not isinstance(value, dict):
        return {path}
    return {path}.union(*(_paths(inner, f"{path}/{name}") for name, inner in value.items()))
