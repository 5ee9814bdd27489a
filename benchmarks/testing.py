"""`python -m benchmarks --testing`: what a test suite waits for, beside moto's server mode.

moto runs from an environment of its own that MOTO names (`pip install 'moto[server]' boto3`); without it
its column stays empty. Its nearest thing to a fresh venue is a fresh account with a bucket of 20 objects.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from epos.testing import servers

FRESH = 200
TESTS = 200
WORKERS = 4
FIRST = "def test_first(epos):\n    assert epos.table('Table 1').id\n"
ISOLATED = """
import pytest

@pytest.mark.parametrize("number", range({tests}))
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
MOTO_FIRST = """
import boto3, sys
s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1",
                  aws_access_key_id="a", aws_secret_access_key="b")
s3.create_bucket(Bucket="first")
"""
MOTO_FRESH = """
import boto3, sys, time
def fresh(number):
    s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1",
                      aws_access_key_id=f"{number:012d}", aws_secret_access_key="b")
    started = time.perf_counter()
    s3.create_bucket(Bucket=f"bucket-{number}")
    for key in range(20):
        s3.put_object(Bucket=f"bucket-{number}", Key=str(key), Body=b"x")
    return (time.perf_counter() - started) * 1000
for number in range(int(sys.argv[2])):
    print(fresh(number))
"""


def main() -> None:
    """Print one table."""
    with tempfile.TemporaryDirectory(prefix="epos-bench-") as base:
        folder = Path(base)
        ours = {"time to the first test": f"{_pytest(folder, FIRST):.1f} s"}
        ours |= _fresh()
        print(ours, file=sys.stderr, flush=True)
        seconds = _pytest(folder, ISOLATED.format(tests=TESTS), "-n", str(WORKERS))
        ours[f"{TESTS} isolated tests, {WORKERS} workers"] = f"{seconds:.1f} s, all green"
        moto = _moto(folder) if "MOTO" in os.environ else {}
    print("| what | epos | moto server |")
    print("| --- | ---: | ---: |")
    for what, value in ours.items():
        print(f"| {what} | {value} | {moto.get(what, '')} |")


def _pytest(folder: Path, text: str, *flags: str) -> float:
    """Seconds of a whole run, with the start and the stop of the server. Fails if a test does."""
    (folder / "test_bench.py").write_text(text, "utf-8")
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *flags]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def _fresh() -> dict[str, str]:
    servers.name_run()
    try:
        running = servers.epos_server()
        auth = ("testing", running.password)
        with httpx.Client(base_url=f"{running.url}/test/v1", auth=auth, timeout=60) as client:
            client.post("/venues", json={"kind": "demo"}).raise_for_status()
            made = [
                _timed(lambda: client.post("/venues", json={"kind": "demo"})) for _ in range(FRESH)
            ]
            venue = client.post("/venues", json={"kind": "demo"}).json()["venueId"]
            kept = client.post(f"/venues/{venue}/snapshots").json()
            reset = [_timed(lambda: client.post(f"/venues/{venue}/reset")) for _ in range(50)]
            back = [
                _timed(lambda: client.post(f"/venues/{venue}/restore", json=kept))
                for _ in range(50)
            ]
        memory = _memory(running.url)
    finally:
        servers.stop_all()
    return {
        "a fresh seeded venue, p50 and p99": _quantiles(made),
        "reset, p50 and p99": _quantiles(reset),
        "restore a snapshot, p50 and p99": _quantiles(back),
        f"memory after {FRESH} venues": memory,
    }


def _timed(ask: Callable[[], httpx.Response]) -> float:
    started = time.perf_counter()
    ask().raise_for_status()
    return (time.perf_counter() - started) * 1000


def _quantiles(milliseconds: list[float]) -> str:
    ordered = sorted(milliseconds)
    last = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
    return f"{ordered[len(ordered) // 2]:.1f} ms, {last:.1f} ms"


def _memory(url: str) -> str:
    """Resident memory of whoever listens at the port; PostgreSQL apart."""
    port = url.rpartition(":")[2]
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            is_server = b"EPOS_TESTING=true" in path.read_bytes()
            command = (path.parent / "cmdline").read_bytes()
            status = (path.parent / "status").read_text()
        except OSError:
            continue
        if is_server and b"serve" in command:
            line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
            return f"{int(line.split()[1]) // 1024} MiB"
    return f"unknown (port {port})"


def _moto(folder: Path) -> dict[str, str]:
    started = time.monotonic()
    with _moto_server() as (url, process):
        python = str(Path(os.environ["MOTO"]) / "bin" / "python")
        subprocess.run([python, "-c", MOTO_FIRST, url], check=True, cwd=folder)
        first = time.monotonic() - started
        told = subprocess.run(
            [python, "-c", MOTO_FRESH, url, str(FRESH)],
            check=True,
            cwd=folder,
            capture_output=True,
            text=True,
        ).stdout
        reset = [_timed(lambda: httpx.post(f"{url}/moto-api/reset")) for _ in range(50)]
        status = Path(f"/proc/{process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return {
        "time to the first test": f"{first:.1f} s",
        "a fresh seeded venue, p50 and p99": _quantiles([float(one) for one in told.split()]),
        "reset, p50 and p99": f"{_quantiles(reset)} (of all accounts)",
        f"memory after {FRESH} venues": f"{int(line.split()[1]) // 1024} MiB",
    }


@contextmanager
def _moto_server() -> "Iterator[tuple[str, subprocess.Popen[bytes]]]":
    program = Path(os.environ["MOTO"]) / "bin" / "moto_server"
    url = "http://127.0.0.1:5123"
    with subprocess.Popen(
        [program, "-p5123"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            for _ in range(1200):
                try:
                    httpx.get(f"{url}/moto-api/data.json", timeout=5)
                except httpx.TransportError:
                    time.sleep(0.05)
                else:
                    break
            yield url, process
        finally:
            process.terminate()
