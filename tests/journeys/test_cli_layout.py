"""`epos venue export` and `epos venue import`: the whole set-up of a venue as a file."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from epos.commands.app import app
from tests.support.databases import fresh_database
from tests.support.layouts import large, small
from tests.support.processes import Finished

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def url(postgresql_url: str) -> Iterator[str]:
    with fresh_database(postgresql_url) as url:
        yield url


@pytest.fixture
def crown(url: str) -> str:
    """An empty venue of the test's own."""
    name = f"crown-{os.urandom(4).hex()}"
    assert epos(url, "create", name, "--name", "The Crown").code == 0
    return name


def epos(url: str, *arguments: str) -> Finished:
    result = CliRunner().invoke(app, ["venue", *arguments], env={"EPOS_DATABASE_URL": url})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Finished(result.exit_code, result.stdout, result.stderr)


def written(folder: Path, layout: object) -> str:
    path = folder / "layout.json"
    path.write_text(json.dumps(layout), encoding="utf-8")
    return str(path)


def exported(url: str, venue: str) -> object:
    return json.loads(epos(url, "export", venue).output)


def test_a_file_goes_in_and_comes_out(url: str, crown: str, tmp_path: Path) -> None:
    path = written(tmp_path, small())
    assert epos(url, "import", crown, path).output == f"venue {crown} is now as {path} has it\n"
    assert exported(url, crown) == small()
    copy = tmp_path / "copy.json"
    assert epos(url, "export", crown, str(copy)).output == ""
    assert json.loads(copy.read_text(encoding="utf-8")) == small()


def test_one_venue_is_made_of_another(url: str, crown: str, tmp_path: Path) -> None:
    assert epos(url, "import", crown, written(tmp_path, large())).code == 0
    copy = tmp_path / "copy.json"
    epos(url, "export", crown, str(copy))
    assert epos(url, "create", f"{crown}-2", "--name", "Another").code == 0
    assert epos(url, "import", f"{crown}-2", str(copy)).code == 0
    assert exported(url, f"{crown}-2") == exported(url, crown)


def test_every_fault_has_a_line_of_its_own_and_nothing_changes(
    url: str, crown: str, tmp_path: Path
) -> None:
    epos(url, "import", crown, written(tmp_path, small()))
    broken = large()
    for area in broken["areas"]:
        for table in area["tables"]:
            table["maxCovers"] = 0
    broken["menu"][0]["items"][0]["price"] = "free"
    path = written(tmp_path, broken)
    refused = epos(url, "import", crown, path)
    assert (refused.code, refused.output) == (2, "")
    *faults, last = refused.complaint.splitlines()
    assert len(faults) == 501
    assert faults[49].startswith("areas[0].tables[49].maxCovers must be a whole number between")
    assert faults[500].startswith("menu[0].items[0].price must be a whole number between 0 and")
    assert last == f"epos: {path} was not imported and nothing was changed; faults: 501"
    assert exported(url, crown) == small()


@pytest.mark.parametrize("command", ["export", "import"])
def test_a_venue_that_is_not_there_is_said(url: str, command: str, tmp_path: Path) -> None:
    refused = epos(url, command, "nowhere", written(tmp_path, small()))
    assert (refused.code, refused.complaint) == (2, "epos: Venue nowhere was not found\n")


def test_a_file_that_is_not_there_is_said(url: str, crown: str, tmp_path: Path) -> None:
    missing = epos(url, "import", crown, str(tmp_path / "none.json"))
    assert missing.code == 2
    assert missing.errors.startswith("epos: ")
    assert "none.json" in missing.errors
    nowhere = epos(url, "export", crown, str(tmp_path / "no" / "folder.json"))
    assert nowhere.code == 2
    assert nowhere.complaint.startswith("epos: ")
