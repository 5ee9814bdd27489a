"""What reaches the log when something goes wrong."""

import json
import subprocess
import sys
from pathlib import Path

from epos.choices import LogFormat

SECRET_WORDS = "allergic to nuts, call 07700 900123"
_PROGRAM = f"""
import logging, structlog
from epos import logs
from epos.choices import LogFormat, LogLevel
logs.configure(LogFormat.FORMAT, LogLevel.INFO)
def fail():
    guest = {SECRET_WORDS!r}
    try:
        raise ExceptionGroup(guest, [ValueError(guest)])
    except ExceptionGroup as error:
        raise RuntimeError(guest) from error
for log in (structlog.get_logger(), logging.getLogger("library")):
    try:
        fail()
    except RuntimeError:
        log.exception("unexpected error")
"""


def _logged(log_format: LogFormat) -> str:
    program = _PROGRAM.replace("FORMAT", log_format.name)
    result = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return result.stderr


def test_an_exception_is_logged_with_its_stack_and_without_its_words() -> None:
    lines = _logged(LogFormat.JSON).splitlines()
    assert len(lines) == 2
    for line in lines:
        entry = json.loads(line)
        assert entry["event"] == "unexpected error"
        assert "builtins.RuntimeError" in entry["exception"]
        assert "builtins.ValueError" in entry["exception"]
        assert "in fail" in entry["exception"]
        assert SECRET_WORDS not in line


def test_a_log_that_cannot_be_written_stops_nobody() -> None:
    program = "from epos import logs; import logging, structlog\n"
    program += "from epos.choices import LogFormat, LogLevel\n"
    program += "logs.configure(LogFormat.JSON, LogLevel.INFO)\n"
    program += "structlog.get_logger().info('request'); logging.getLogger('x').warning('odd')\n"
    program += "print('answered')"
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-c", program], check=False, stdout=subprocess.PIPE, stderr=full
        )
    assert result.stdout == b"answered\n"


def test_neither_does_a_terminal_show_its_words_or_its_variables() -> None:
    output = _logged(LogFormat.CONSOLE)
    assert "builtins.RuntimeError" in output
    assert SECRET_WORDS not in output
