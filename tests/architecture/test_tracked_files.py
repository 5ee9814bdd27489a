"""Nothing in the repository depends on one machine or on one package index."""

import re
import subprocess

import pytest

from tests.architecture.source_tree import ROOT

# Written so that this file does not hold what it looks for.
MACHINE = re.compile(r"(?<![\w.)}])/(?:root|work)/\w|(?:pypi|pythonhosted|npmjs)\.(?:org|com)")


def tracked() -> list[str]:
    try:
        done = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [name for name in done.stdout.split("\0") if (ROOT / name).is_file()]


def test_no_machine_path_and_no_index_host() -> None:
    found = [
        f"{name}: {match.group()}"
        for name in tracked()
        for match in MACHINE.finditer((ROOT / name).read_text(encoding="utf-8", errors="replace"))
    ]
    assert not found
