"""The examples of the documents: one request and its answer for each operation."""

import json
from importlib.resources import files
from typing import Any

Json = dict[str, Any]


def examples_of(package: str) -> dict[str, Json]:
    """By operation id, from `examples.json` beside the package's routers. They were taken from a run
    against the demo venue (`make examples`).
    """
    found: dict[str, Json] = json.loads((files(package) / "examples.json").read_text("utf-8"))
    return found
