"""`epos check` as people and CI run it."""

import asyncio
import json
import os
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.check.conftest import listening
from tests.check.small_epos import PASSWORD, USER, SmallEpos
from tests.check.test_planted_faults import Mock

pytestmark = pytest.mark.slow


async def epos_check(*arguments: str) -> tuple[int, str]:
    """The exit code and everything that was said."""
    environment = os.environ | {"EPOS_CHECK_USERNAME": USER, "EPOS_CHECK_PASSWORD": PASSWORD}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "epos", "check", *arguments),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_a_failure_explains_itself(tmp_path: Path) -> None:
    async with listening(SmallEpos("payment-twice")) as url:
        code, said = await epos_check(url, "--write", "--only", "payments.")
    assert code == 1
    assert "fail        payments.sent-again-counts-once: expected payments of the intent: 1" in said
    for word in ("why ", "source ", "sent ", "received ", "expected ", "would not prove"):
        assert word in said
    assert "POST /v1/orders/{orderId}/record-payment" in said
    assert "Pay at Table" in said
    assert '  received  {"status": 200, ' in said


async def test_reports_for_ci(tmp_path: Path) -> None:
    names = {"json": "r.json", "junit": "r.xml", "html": "r.html", "bundle": "r.zip"}
    flags = [word for kind, name in names.items() for word in (f"--{kind}", str(tmp_path / name))]
    async with listening(SmallEpos("two-locks")) as url:
        code, _ = await epos_check(url, "--write", "--only", "locks.", *flags)
    assert code == 1
    (run,) = json.loads((tmp_path / "r.json").read_text())["runs"]
    failed = [one for one in run["checks"] if one["verdict"] == "fail"]
    assert [one["name"] for one in failed] == ["locks.second-is-refused"]
    assert failed[0]["sent"]["path"].endswith("/lock")
    assert failed[0]["received"]["status"] == 200
    assert failed[0]["doesNotProve"]
    suite = ET.parse(tmp_path / "r.xml").getroot()[0]
    assert suite.attrib["failures"] == "1"
    page = (tmp_path / "r.html").read_text()
    assert "locks.second-is-refused" in page
    assert "<script" not in page
    with zipfile.ZipFile(tmp_path / "r.zip") as bundle:
        lines = bundle.read("exchanges.jsonl").decode().splitlines()
    assert json.loads(lines[-1])["received"]["status"] == 200
    assert PASSWORD not in [json.loads(line)["sent"].get("credentials") for line in lines]
    assert not [line for line in lines if "authorization" in line.lower()]


async def test_a_mock_is_told_before_and_after(tmp_path: Path) -> None:
    page = tmp_path / "r.html"
    async with listening(Mock()) as url:
        _, said = await epos_check(url, "--only", "forms.", "--html", str(page))
    first, *_ = [line for line in said.splitlines() if "forms." in line or "mock" in line]
    assert first.startswith("This is a mock: two orders that do not exist are answered")
    assert "It says nothing about an EPOS." in said
    assert "It says nothing about an EPOS." in page.read_text()


async def test_known_failures_are_no_failures_until_they_pass(tmp_path: Path) -> None:
    known = tmp_path / "known.txt"
    known.write_text("# ours\nlocks.second-is-refused  # EPOS-7\n")
    arguments = ["--write", "--only", "locks.", "--expected-failures", str(known)]
    async with listening(SmallEpos("two-locks")) as url:
        code, said = await epos_check(url, *arguments)
        assert (code, "expected: EPOS-7" in said) == (0, True), said
    async with listening(SmallEpos()) as url:
        code, said = await epos_check(url, *arguments)
        assert (code, "no longer fails: locks.second-is-refused" in said) == (1, True), said
    known.write_text("locks.none\n")
    code, said = await epos_check("http://127.0.0.1:9", *arguments)
    assert (code, said.splitlines()) == (
        2,
        [f"epos: {known}, line 1: there is no check locks.none"],
    )


async def test_several_are_compared() -> None:
    async with listening(SmallEpos()) as good, listening(SmallEpos("two-locks")) as bad:
        code, said = await epos_check(good, bad, "--write", "--only", "locks.s")
    assert code == 1
    row = next(line for line in said.splitlines() if line.startswith("locks.second-is-refused  "))
    assert row.split()[1:] == ["pass", "FAIL"]


async def test_what_cannot_run_is_one_line() -> None:
    code, said = await epos_check("http://127.0.0.1:9")
    assert (code, said.splitlines()) == (
        2,
        [
            "epos: using the EPOS at http://127.0.0.1:9",
            "epos: http://127.0.0.1:9: no connection: ConnectError",
        ],
    )
    assert (await epos_check("ftp://example.com"))[0] == 2
    code, said = await epos_check("http://127.0.0.1:9", "--product", "Delivery")
    assert (code, "no product Delivery" in said) == (2, True)
    async with listening(SmallEpos()) as url:
        place = url.replace("http://", "http://check:wrong@")
        code, said = await epos_check(place)
    assert (code, said.splitlines()) == (
        2,
        [
            f"epos: using the EPOS at {url.replace('http://', 'http://check@')}",
            f"epos: {url}: the username and password are not accepted",
        ],
    )
