"""Structured logs on standard error: JSON for machines, coloured lines on a terminal.

An exception is logged with its type and its stack, but without its message: the message of a database
driver may quote a value that a guest wrote.
"""

import logging
import sys
import traceback
from typing import Any

import structlog
from pydantic_core import to_json

from epos.choices import LogFormat, LogLevel


def configure(log_format: LogFormat, level: LogLevel) -> None:
    """`auto` is JSON unless standard error is a terminal."""
    as_json = log_format is LogFormat.JSON
    if log_format is LogFormat.AUTO:
        as_json = not sys.stderr.isatty()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exception_without_message,
    ]
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[*shared, _as_json_text if as_json else console],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_Lines,
        cache_logger_on_first_use=True,
    )
    _route_standard_logging(shared, _as_json_text if as_json else console, level)


class _Lines:
    """Write lines to standard error. If that fails (disk full, reader gone), drop the lines: a request must
    not fail because of its log line.
    """

    def __init__(self, *_: Any) -> None:
        pass

    def msg(self, line: str) -> None:
        try:  # `contextlib.suppress` takes longer than the rest, for each request
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
        except OSError:
            pass

    debug = info = warning = error = critical = exception = fatal = log = msg


def _exception_without_message(_: Any, __: str, event: Any) -> Any:
    given = event.pop("exc_info", None)
    if not given:
        return event
    error = given if isinstance(given, BaseException) else sys.exc_info()[1]
    if isinstance(given, tuple):
        error = given[1]
    event["exception"] = "\n".join(_stacks(error))
    return event


def _stacks(error: BaseException | None) -> list[str]:
    """The type and the traceback of an error, of its causes, and of the errors in a group."""
    lines: list[str] = []
    while error is not None:
        kind = type(error)
        lines.append(f"{kind.__module__}.{kind.__qualname__}")
        lines += [line.rstrip() for line in traceback.format_tb(error.__traceback__)]
        for part in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
            lines += _stacks(part)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return lines


def _as_json(_: Any, __: str, event: Any) -> bytes:
    return to_json(event, fallback=repr)


def _as_json_text(logger: Any, method: str, event: Any) -> str:
    return _as_json(logger, method, event).decode()


def _route_standard_logging(shared: list[Any], renderer: Any, level: str) -> None:
    """Render what libraries log through `logging` in the same form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    # uvicorn's access log would contain whole request targets. Without a handler it writes nothing.
    logging.getLogger("uvicorn.access").handlers = []
    logging.getLogger("uvicorn.access").propagate = False
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    for name in ("alembic", "httpx", "httpcore", "websockets"):
        # At level debug the last three log headers, which contain Dojo's API key.
        logging.getLogger(name).setLevel(logging.WARNING)
