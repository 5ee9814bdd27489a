"""`python -m benchmarks --testing`: what a test suite waits for, beside moto's server mode.

moto runs from an environment of its own that MOTO names; without it its column stays empty:
`python -m venv moto`, `moto/bin/pip install 'moto[server]' boto3 pytest pytest-xdist`, MOTO=moto.
Its nearest thing to a fresh venue is a fresh account with a bucket of 20 objects. A client enters an
account of its own by assuming a role in it: access keys that moto does not know are all of one account.

Last, what a request costs with the control API and without it (needs wrk).
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx

from benchmarks import testing_cpu, wrk
from epos.testing import servers

FRESH = 200
TESTS = 200
WORKERS = 4
PAUSE_SECONDS = 0.05
"""What a test does between two venues. Without it the venues that are ready run out."""
FIRST = "def test_first(epos):\n    assert epos.table('Table 1').id\n"
ISOLATED = f"""
import pytest

@pytest.mark.parametrize("number", range({TESTS}))
def test_isolated(epos, number):
    before = len(epos.http.post("/v1/orders/search", json={{"cursor": {{"limit": 100}}}}).json()["data"])
    tab = epos.tab(table="Table 1", items=["Burger", "Soup"])
    epos.staff.cash(tab)
    assert tab.reload().payable is False
    after = len(epos.http.post("/v1/orders/search", json={{"cursor": {{"limit": 100}}}}).json()["data"])
    assert after == before + 1
    epos.journal.times(1, "open-tab")
    epos.journal.times(1, "take-payment")
"""
_MOTO = """
import boto3, functools, os, time
place = {"endpoint_url": os.environ["MOTO_URL"], "region_name": "us-east-1"}
@functools.cache
def sts():
    return boto3.client("sts", **place, aws_access_key_id="a", aws_secret_access_key="b")
def enter(number):
    role = f"arn:aws:iam::{number:012d}:role/bench"
    return sts().assume_role(RoleArn=role, RoleSessionName="bench")["Credentials"]
def client(keys):
    return boto3.client("s3", **place, aws_access_key_id=keys["AccessKeyId"],
                        aws_secret_access_key=keys["SecretAccessKey"],
                        aws_session_token=keys["SessionToken"])
def fill(s3, number):
    s3.create_bucket(Bucket=f"bucket-{number}")
    for key in range(20):
        s3.put_object(Bucket=f"bucket-{number}", Key=str(key), Body=b"x")
"""
MOTO_FIRST = f"{_MOTO}\ndef test_first():\n    client(enter(1)).create_bucket(Bucket='first')\n"
MOTO_FRESH = f"""{_MOTO}
sts()
for number in range({FRESH}):
    started = time.perf_counter()
    keys = enter(number + 1000)
    entered = time.perf_counter() - started
    s3 = client(keys)
    started = time.perf_counter()
    fill(s3, number)
    print((entered + time.perf_counter() - started) * 1000)
"""
MOTO_ISOLATED = f"""{_MOTO}
import pytest

@pytest.mark.parametrize("number", range({TESTS}))
def test_isolated(number):
    s3 = client(enter(number + 5000))
    fill(s3, f"isolated-{{number}}")
    s3.put_object(Bucket=f"bucket-isolated-{{number}}", Key="one more", Body=b"x")
    found = s3.list_objects_v2(Bucket=f"bucket-isolated-{{number}}")
    assert found["KeyCount"] == 21
    assert len(s3.list_buckets()["Buckets"]) == 1
"""
_FIRST = "time to the first test, with the server's start"
_VENUE = "a fresh seeded venue, p50 and p99"
_RESET = "reset, p50 and p99"
_ISOLATED = f"{TESTS} isolated tests, {WORKERS} workers, server running"
_MEMORY = f"memory of the server after {FRESH} venues"


def main() -> None:
    """Print one table. Raises CalledProcessError where a test fails: one saw another's venue."""
    # Where it is set, as in many containers, every process would compile the project again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="epos-bench-") as base:
        folder = Path(base)
        ours = {_FIRST: f"{_pytest(folder, sys.executable, FIRST):.1f} s"}
        ours |= _ours(folder)
        moto = _moto(folder) if "MOTO" in os.environ else {}
        print("| what | epos | moto server |")
        print("| --- | ---: | ---: |")
        for what, value in ours.items():
            print(f"| {what} | {value} | {moto.get(what, '')} |")
        if wrk.PROGRAM is not None:
            print("\n".join(["", *testing_cpu.lines(folder)]))


def _pytest(folder: Path, python: str, text: str, *flags: str, **variables: str) -> float:
    """Seconds of a whole run. Fails if a test does, and shows how."""
    (folder / "test_bench.py").write_text(text, "utf-8")
    started = time.monotonic()
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *flags]
    done = subprocess.run(
        command,
        check=False,
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        print(done.stdout[-4000:], done.stderr[-2000:], file=sys.stderr)
    done.check_returncode()
    return time.monotonic() - started


def _ours(folder: Path) -> dict[str, str]:
    servers.name_run()
    try:
        running = servers.epos_server()
        auth = ("testing", running.password)
        with httpx.Client(base_url=f"{running.url}/test/v1", auth=auth, timeout=60) as client:
            found = _venues(client)
        found[_MEMORY] = f"{_memory(running.pid)}, without PostgreSQL"
        flags = ("-n", str(WORKERS), "--epos-url", running.url, "--epos-password", running.password)
        seconds = _pytest(folder, sys.executable, ISOLATED, *flags)
        found[_ISOLATED] = f"{seconds:.1f} s, all green"
    finally:
        servers.stop_all()
    return found


def _venues(client: httpx.Client) -> dict[str, str]:
    """What the control API takes, as a client sees it."""

    def make() -> httpx.Response:
        return client.post("/venues", json={"kind": "demo"})

    def paused() -> httpx.Response:
        time.sleep(PAUSE_SECONDS)
        return client.post("/venues", json={"kind": "demo"})

    venues = [make().raise_for_status().json()["venueId"] for _ in range(4)]
    made = [_timed(paused) - PAUSE_SECONDS * 1000 for _ in range(FRESH)]
    at_once = [_timed(make) for _ in range(FRESH)]
    used = venues[0]
    kept = client.post(f"/venues/{used}/snapshots").json()
    reset = [_timed(lambda: client.post(f"/venues/{used}/reset")) for _ in range(50)]
    back = [_timed(lambda: client.post(f"/venues/{used}/restore", json=kept)) for _ in range(50)]
    removed = [_timed(partial(client.delete, f"/venues/{one}")) for one in venues]
    return {
        _VENUE: f"{_quantiles(made)} (a test of {PAUSE_SECONDS * 1000:.0f} ms between)",
        f"{FRESH} venues without a pause, p50 and p99": _quantiles(at_once),
        _RESET: _quantiles(reset),
        "restore a snapshot, p50 and p99": _quantiles(back),
        "remove a venue, p50 and p99": _quantiles(removed),
    }


def _timed(ask: Callable[[], httpx.Response]) -> float:
    started = time.perf_counter()
    ask().raise_for_status()
    return (time.perf_counter() - started) * 1000


def _quantiles(milliseconds: list[float]) -> str:
    ordered = sorted(milliseconds)
    last = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
    return f"{ordered[len(ordered) // 2]:.1f} ms, {last:.1f} ms"


def _memory(pid: int) -> str:
    """What is resident of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return f"{int(line.split()[1]) // 1024} MiB"


def _moto(folder: Path) -> dict[str, str]:
    python = str(Path(os.environ["MOTO"]).resolve() / "bin" / "python")
    started = time.monotonic()
    with _moto_server() as (url, pid):
        _pytest(folder, python, MOTO_FIRST, MOTO_URL=url)
        first = time.monotonic() - started
        told = subprocess.run(
            [python, "-c", MOTO_FRESH],
            env=os.environ | {"MOTO_URL": url},
            check=True,
            cwd=folder,
            capture_output=True,
            text=True,
        ).stdout
        memory = _memory(pid)
        seconds = _pytest(folder, python, MOTO_ISOLATED, "-n", str(WORKERS), MOTO_URL=url)
        reset = _moto_resets(url)
    return {
        _FIRST: f"{first:.1f} s",
        _VENUE: _quantiles([float(one) for one in told.split()]),
        _RESET: f"{_quantiles(reset)} (all accounts)",
        _MEMORY: memory,
        _ISOLATED: f"{seconds:.1f} s, all green",
    }


def _moto_resets(url: str) -> list[float]:
    """Milliseconds of resets of one bucket with 20 objects, as after a test."""
    found = []
    with httpx.Client(base_url=url, auth=("a", "b"), timeout=60) as client:
        client.post("/moto-api/reset").raise_for_status()  # of hundreds of accounts
        for _ in range(50):
            for path in ("/kept", *(f"/kept/{key}" for key in range(20))):
                client.put(path, content=b"x" if path != "/kept" else b"").raise_for_status()
            found.append(_timed(lambda: client.post("/moto-api/reset")))
    return found


@contextmanager
def _moto_server() -> Iterator[tuple[str, int]]:
    """Moto on a port of its own choice is not told to anyone, so it gets a fixed one."""
    program = Path(os.environ["MOTO"]).resolve() / "bin" / "moto_server"
    url = "http://127.0.0.1:5123"
    with subprocess.Popen(
        [program, "-p5123"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait_for(f"{url}/moto-api/data.json", process)
            yield url, process.pid
        finally:
            process.terminate()


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx.get(url, timeout=5)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("moto's server did not start")
