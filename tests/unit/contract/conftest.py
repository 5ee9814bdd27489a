"""The published specification, where it lies beside the project; it is not part of it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

Json = dict[str, Any]


def contract_folder() -> Path:
    named = os.environ.get("EPOS_CONTRACT_DIR")
    return Path(named) if named else Path(__file__).parents[4] / "shared" / "contract"


def _text(name: str) -> str:
    path = contract_folder() / name
    if not path.exists():
        pytest.skip("the published specification is not at hand")
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def published() -> Json:
    """The REST document."""
    document: Json = json.loads(_text("epos-data-rest.openapi.json"))
    return document


@pytest.fixture(scope="session")
def published_websocket() -> Json:
    """The AsyncAPI document."""
    document: Json = yaml.safe_load(_text("epos-data-websocket.asyncapi.yml"))
    return document


@pytest.fixture(scope="session")
def page_samples() -> dict[str, Json]:
    """The request samples of the reference page by the heading of their operation."""
    return _request_samples(_text("epos-data-api-1.0-reference-page.txt").splitlines())


def _request_samples(lines: list[str]) -> dict[str, Json]:
    samples: dict[str, Json] = {}
    heading = ""
    for number, line in enumerate(lines):
        if line in _HEADINGS:
            heading = line
        elif line == "Request samples" and lines[number + 1] == "- Payload":
            start = next(n for n in range(number, len(lines)) if lines[n].startswith("{"))
            end = lines.index("Response samples", start)
            # The page was copied with the marks of its folding lists.
            text = "\n".join(lines[start:end]).replace("- ", "", 1)
            text = text.replace(", - ", ", ").replace("{- ", "{").replace("[- ", "[")
            samples[heading] = json.loads("\n".join(map(_unmarked, text.splitlines())))
    return samples


def _unmarked(line: str) -> str:
    return line.removeprefix("- ")


_HEADINGS = {
    "Create an order",
    "Search orders",
    "Create party",
    "Update party",
    "Search parties",
    "Create reservation",
    "Update reservation",
    "Search reservations",
    "Search tables",
    "Handle event",
}
