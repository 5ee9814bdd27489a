"""Reports as files: JSON, JUnit and the bundle of all exchanges."""

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from epos.check.registry import Verdict
from epos.check.reports.page import html_page
from epos.check.results import Result, Run

# Characters that XML cannot have at all.
_NOT_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 65534, 65535], "?")


def write_json(path: Path, runs: Sequence[Run]) -> None:
    document = {"runs": [run.json() for run in runs]}
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_junit(path: Path, runs: Sequence[Run]) -> None:
    """A test suite for each EPOS, a test case for each check."""
    root = ET.Element("testsuites")
    for run in runs:
        bad = sum(result.is_bad for result in run.results)
        skipped = sum(_is_skipped(result) for result in run.results)
        suite = ET.SubElement(root, "testsuite", name=_xml(run.label), timestamp=run.started_at)
        counts = {"tests": len(run.results), "failures": bad, "skipped": skipped, "errors": 0}
        suite.attrib |= {name: str(count) for name, count in counts.items()}
        for result in run.results:
            _case(suite, run, result)
    ET.indent(root)
    path.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def write_html(path: Path, runs: Sequence[Run]) -> None:
    path.write_text(html_page(runs), encoding="utf-8")


def write_bundle(path: Path, runs: Sequence[Run]) -> None:
    """Every exchange, one a line; as a zip with the results, if the name ends so."""
    lines = io.StringIO()
    for run in runs:
        for exchange in run.exchanges:
            line = {"epos": run.label} | exchange.json()
            lines.write(json.dumps(line, ensure_ascii=False) + "\n")
    if path.suffix != ".zip":
        path.write_text(lines.getvalue(), encoding="utf-8")
        return
    results = json.dumps({"runs": [run.json() for run in runs]}, indent=2, ensure_ascii=False)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("exchanges.jsonl", lines.getvalue())
        bundle.writestr("results.json", results)
        bundle.writestr("report.html", html_page(runs))


def _case(suite: ET.Element, run: Run, result: Result) -> None:
    case = ET.SubElement(suite, "testcase", classname=_xml(run.label), name=result.check.name)
    case.set("time", f"{result.seconds:.3f}")
    words = f"expected {result.expected}; got {result.got}"
    if result.is_bad:
        if result.verdict is not Verdict.FAIL:
            words = f"it passes, and was expected to fail: {result.expected_to_fail}"
        ET.SubElement(case, "failure", message=_xml(words)).text = _xml(_details(result))
    elif _is_skipped(result):
        ET.SubElement(case, "skipped", message=_xml(f"{result.verdict}: {result.got}"))
    elif result.verdict is Verdict.LOOSE:
        ET.SubElement(case, "system-out").text = _xml(f"loose: {words}\n{_details(result)}")


def _is_skipped(result: Result) -> bool:
    untried = result.verdict in {Verdict.NOT_CLAIMED, Verdict.NOT_TRIED}
    return untried or (result.verdict is Verdict.FAIL and not result.is_bad)


def _details(result: Result) -> str:
    check, said = result.check, result.json()
    parts = {
        "why": check.reason,
        "source": check.source,
        "expected": result.expected,
        "got": result.got,
        "sent": json.dumps(said["sent"], ensure_ascii=False),
        "received": json.dumps(said["received"], ensure_ascii=False),
        "does not prove": check.not_proved,
    }
    return "\n".join(f"{name}: {text}" for name, text in parts.items())


def _xml(text: str) -> str:
    return text.translate(_NOT_XML)
