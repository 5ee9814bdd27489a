"""At the end of a run: no guest that the tests sent, and no secret, is in a log that it left behind."""

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import epos
from tests.support import guests, secrets

_SOURCE = Path(epos.__file__).parent
_SHORT = re.compile("[0-9A-Za-z]{1,11}")


@pytest.fixture(scope="session", autouse=True)
def no_guest_in_any_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """First to be set up and so last to be torn down: every server and PostgreSQL has ended."""
    yield
    sent = guests.sent - words_of_the_program(guests.sent)
    found = leaks(tmp_path_factory.getbasetemp(), sent | secrets.used)
    assert not found, "guests' data or secrets in the logs: " + "; ".join(found)


def words_of_the_program(texts: Iterable[str]) -> set[str]:
    """Those that stand in its own source. Generated requests draw on the constants that they find there,
    so such a text in a log says nothing about a guest.
    """
    source = "".join(path.read_text("utf-8") for path in _SOURCE.rglob("*.py"))
    return {text for text in texts if text in source}


def leaks(folder: Path, sent: Iterable[str] = ()) -> list[str]:
    """Each log below the folder that quotes a guest, or what was sent, and what it quotes."""
    wanted = {form for text in (*guests.MARKS, *sent) for form in _written(text)}
    return [
        f"{path} has {text!r}"
        for path in logs(folder)
        for content in [path.read_text(encoding="utf-8", errors="replace")]
        for text in sorted(wanted)
        if text in content and _is_no_chance(text, content)
    ]


def _is_no_chance(text: str, content: str) -> bool:
    """A few digits or letters that a guest sent may also be a part of some random id; nothing else may."""
    if not _SHORT.fullmatch(text):
        return True
    return re.search(f"(?<![0-9A-Za-z]){text}(?![0-9A-Za-z])", content) is not None


def _written(text: str) -> set[str]:
    """The text as it is, and as JSON writes it."""
    return {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}


def logs(folder: Path) -> Iterator[Path]:
    """The logs of servers and of PostgreSQL, but not PostgreSQL's data."""
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith("pgdata-")]
        for name in files:
            if name.endswith((".log", ".log.1")):
                yield Path(where) / name
