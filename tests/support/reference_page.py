"""The request samples of Dojo's reference page, read from its published text."""

import json
import re
from typing import Any

from tests.support.contract import contract_dir

Json = dict[str, Any]
PAGE = "epos-data-api-1.0-reference-page.txt"

# A sample ends where the answers begin; the page was copied with the marks of its folding lists.
_SAMPLE = re.compile(
    r"Capa?bility: (\w+)|(HandleEvent):"
    r"|^Request samples\n- Payload\n(?:- [^\n]*\n)*(\{.*?)^Response samples$",
    re.MULTILINE | re.DOTALL,
)
_MARKS = re.compile(r"^- |(?<=[{\[])- |(?<=, )- ", re.MULTILINE)


def request_samples() -> dict[str, Json]:
    """Capability to the body that the page shows for it."""
    folder = contract_dir()
    assert folder is not None, "a test of the published page is marked `published`"
    samples: dict[str, Json] = {}
    capability = ""
    for match in _SAMPLE.finditer((folder / PAGE).read_text(encoding="utf-8")):
        if match[3] is None:
            capability = match[1] or match[2]
        else:
            samples[capability] = json.loads(_MARKS.sub("", match[3]))
    return samples
