"""What `workers`, `listening` and `web/protocol` take from uvicorn's internals is still there.

pyproject.toml allows one minor version of uvicorn. Run these tests when you raise it: each names what has
gone and the module to adapt.
"""

from types import CodeType, FunctionType
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from epos.web.protocol import EposHttpProtocol
from epos.workers import Workers

FROM_PROTOCOL = [
    "_unset_keepalive_if_required",
    "client",
    "config",
    "cycle",
    "headers",
    "loop",
    "parser",
    "pipeline",
    "timeout_keep_alive_task",
    "transport",
    "url",
]
FROM_SUPERVISOR = ["config", "processes", "should_exit", "sockets"]
FROM_PROCESS = ["exitcode", "join", "kill", "parent_conn", "pid", "process", "start"]
CALLED_BY_PARSER = {"on_body", "on_headers_complete", "on_message_begin", "on_message_complete"}
CALLED_BY_LOOP = {
    "connection_lost",
    "connection_made",
    "data_received",
    "pause_writing",
    "resume_writing",
}


async def application(_scope: Any, _receive: Any, _send: Any) -> None:
    pass


def gone(names: list[str], holder: object, module: str) -> list[str]:
    name = type(holder).__name__
    return [
        f"uvicorn {uvicorn.__version__} has no {name}.{one}: adapt src/epos/{module}"
        for one in names
        if not hasattr(holder, one)
    ]


def overridden(own: type, base: type) -> list[str]:
    """The public methods of `own` that stand for one of uvicorn."""
    return [
        name
        for name, value in vars(own).items()
        if isinstance(value, FunctionType) and (not name.startswith("_") or hasattr(base, name))
    ]


def called(kind: type) -> set[str]:
    """Every name that the methods of a class use."""
    codes: list[CodeType] = [f.__code__ for f in vars(kind).values() if isinstance(f, FunctionType)]
    return {name for code in codes for name in code.co_names}


@pytest.mark.parametrize(
    ("own", "base", "module"),
    [
        (Workers, Multiprocess, "workers.py"),
        (EposHttpProtocol, HttpToolsProtocol, "web/protocol.py"),
    ],
)
def test_every_overridden_method_is_there_and_is_called(own: type, base: type, module: str) -> None:
    known = called(base) | CALLED_BY_PARSER | CALLED_BY_LOOP | {"__init__"}
    lost = [
        f"uvicorn {uvicorn.__version__} does not know or call {base.__name__}.{name}: "
        f"adapt src/epos/{module}"
        for name in overridden(own, base)
        if not hasattr(base, name) or name not in known
    ]
    assert not lost


async def test_the_protocol_has_what_ours_reads() -> None:
    config = uvicorn.Config(application, lifespan="off")
    config.load()
    theirs = HttpToolsProtocol(config=config, server_state=ServerState(), app_state={})
    theirs.on_message_begin()
    lost = gone(FROM_PROTOCOL, theirs, "web/protocol.py")
    assert not lost
    assert "response_complete" in RequestResponseCycle.__init__.__code__.co_names


def test_the_supervisor_has_what_ours_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    config = uvicorn.Config(application)
    lost = gone(FROM_SUPERVISOR, Multiprocess(config, []), "workers.py")
    lost += gone(FROM_PROCESS, Process(config, []), "workers.py")
    lost += gone(["timeout_worker_healthcheck"], config, "workers.py")
    assert not lost
