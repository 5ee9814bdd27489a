"""docs/coverage.md says what is so: `make coverage` writes it anew."""

import re

from epos.contract.operations import OPERATIONS
from openapi.coverage import ROOT, TARGET, coverage, evidence


def test_the_page_is_what_the_command_writes() -> None:
    assert TARGET.read_text(encoding="utf-8") == coverage(), "run `make coverage`"


def test_each_test_that_it_names_exists() -> None:
    for test in set(evidence().values()):
        file, _, name = test.partition("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"def {name.rpartition('::')[2]}\b", text), f"{test}: run `make coverage`"


def test_each_operation_is_seen_by_a_test() -> None:
    seen = evidence()
    assert [one.capability for one in OPERATIONS if f"{one.capability} 200" not in seen] == []
