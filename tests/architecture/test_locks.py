"""The hashed locks hold every declared dependency, and name no place to fetch it from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.source_tree import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    return {canonicalize_name(name): version for name, version in PIN.findall(text)}


def declared() -> dict[str, list[str]]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    return {"runtime": project["project"]["dependencies"], **project["dependency-groups"]}


@pytest.mark.parametrize("group", declared())
def test_every_dependency_is_pinned_within_its_range(group: str) -> None:
    locked = pins(group)
    for requirement in map(Requirement, declared()[group]):
        version = locked.get(canonicalize_name(requirement.name))
        assert version, f"{requirement.name} is not in requirements/{group}.txt: run make lock"
        assert requirement.specifier.contains(version, prereleases=True), requirement


def test_development_runs_what_production_runs() -> None:
    assert pins("runtime").items() <= pins("dev").items()
    assert pins("build").items() <= pins("dev").items()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pin_has_a_hash_and_no_lock_names_an_index(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", text)
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"https?://|--(?:extra-)?index-url|--find-links", text)
