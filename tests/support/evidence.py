"""Which test has seen which answer: written where EPOS_TEST_EVIDENCE names a file, for docs/coverage.md."""

import os
from pathlib import Path

import httpx


def note(response: httpx.Response) -> None:
    """A line: the method, the path, the status, and the test that runs."""
    name = os.environ.get("EPOS_TEST_EVIDENCE")
    if not name:
        return
    test = os.environ.get("PYTEST_CURRENT_TEST", "").split(" ")[0].partition("[")[0]
    request = response.request
    path = request.url.raw_path.decode("ascii").partition("?")[0]
    line = f"{request.method} {path} {response.status_code} {test}\n"
    with Path(name).open("a", encoding="utf-8") as file:
        file.write(line)
