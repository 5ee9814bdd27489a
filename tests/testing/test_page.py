"""The examples of docs/testing.md work as they are printed."""

import asyncio
import json
import os
import re
import shlex
from pathlib import Path

import pytest

from tests.support.control import PASSWORD, running_controller
from tests.testing.test_plugin import FIRST_TEST

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "testing.md").read_text("utf-8")


def test_the_first_test_is_the_one_of_the_page() -> None:
    assert FIRST_TEST.strip() in PAGE


@pytest.mark.slow
@pytest.mark.program("curl")
async def test_the_curl_example_makes_a_venue(database_url: str, tmp_path: Path) -> None:
    (command,) = re.findall(r"^curl .*$", PAGE, flags=re.MULTILINE)
    async with running_controller(database_url, tmp_path / "log") as controller:
        here = command.replace("http://127.0.0.1:8080", controller.server.base_url)
        words = shlex.split(here.replace("testing:secret", f"testing:{PASSWORD}"))
        process = await asyncio.create_subprocess_exec(
            words[0], "--silent", *words[1:], stdout=asyncio.subprocess.PIPE
        )
        answer, _ = await process.communicate()
    made = json.loads(answer)
    assert made["venueId"].startswith("t-")
    assert made["credentials"].keys() == {"dojo", "till", "admin"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "name", "program"),
    [
        pytest.param("java", "FirstTest.java", "java", marks=pytest.mark.program("java")),
        pytest.param("js", "first-test.mjs", "node", marks=pytest.mark.program("node")),
    ],
)
async def test_the_first_test_in_other_languages(
    database_url: str, tmp_path: Path, language: str, name: str, program: str
) -> None:
    (text,) = re.findall(rf"^```{language}$(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    (tmp_path / name).write_text(re.sub(r"\bsecret\b", PASSWORD, text), "utf-8")
    async with running_controller(database_url, tmp_path / "log") as controller:
        process = await asyncio.create_subprocess_exec(
            program,
            name,
            cwd=tmp_path,
            env=os.environ | {"SERVER_URL": controller.server.base_url},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    assert "Terrace" in output.decode()
