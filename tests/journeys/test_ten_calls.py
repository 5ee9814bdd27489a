"""The commands of docs/till-in-ten-calls.md, run as they stand there."""

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.days import check_books
from tests.support.server import RunningServer

pytestmark = pytest.mark.slow

Json = dict[str, Any]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "till-in-ten-calls.md"
LONDON = "--time-zone Europe/London"
_PATIENCE_SECONDS = 120


def commands() -> str:
    return "\n".join(re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))


def noting_curl(folder: Path) -> Path:
    """A curl that also writes down the status of every answer."""
    statuses = folder / "statuses"
    program = folder / "curl"
    noting = f'--silent --output "$body" --write-out "%{{http_code}}\\n" "$@" >> {statuses}'
    program.write_text(
        f'#!/bin/sh\nbody=$(mktemp)\n{shutil.which("curl")} {noting}\ncat "$body"\necho\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    return statuses


async def run(script: str, folder: Path, database_url: str) -> str:
    """What the commands print, pasted into a shell; the first that fails ends it."""
    (folder / ".venv").symlink_to(sys.prefix)
    path = f"{folder}:{os.environ['PATH']}"
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", script),
        cwd=folder,
        env=os.environ | {"PATH": path, "EPOS_DATABASE_URL": database_url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(_PATIENCE_SECONDS):
        output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode() + output.decode()
    return output.decode()


def answers(output: str) -> Iterator[Json]:
    """Those that are printed; each has a line of its own."""
    for line in output.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def noon_zone() -> str:
    """A time zone in which no business day ends while the test runs."""
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"


async def test_from_an_empty_venue_to_a_paid_tab(
    server: RunningServer, database_url: str, tmp_path: Path
) -> None:
    statuses = noting_curl(tmp_path)
    script = commands().replace("http://127.0.0.1:8080", server.base_url)
    assert script.count(server.base_url) == script.count(LONDON) == 1
    script = script.replace(LONDON, f"--time-zone {noon_zone()}")
    *_, tab, report = answers(await run(script, tmp_path, database_url))
    assert statuses.read_text(encoding="utf-8").split() == ["200"] * 10
    assert (tab["status"], tab["total"], tab["balance"]) == ("Finalized", 2_600, 0)
    assert (tab["payments"][0]["tendered"], tab["payments"][0]["change"]) == (3_000, 300)
    check_books(report)
    assert (report["sales"], report["cash"]["expected"]) == (2_600, 12_700)
