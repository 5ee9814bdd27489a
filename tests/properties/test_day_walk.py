"""Whatever happens in a venue, in whatever order and at whatever moment: a model that is independent of the
server says the same to the penny (tests/properties/day).

`WALK_STEPS` and `WALK_SEED` make it longer or another one; CONTRIBUTING has the command. A race may end in
several ways, so the same seed is the same walk only until its first race.
"""

import os
import re
from pathlib import Path
from random import Random

import pytest

import tests.properties.day
from epos.store.database import Database
from tests.properties.walks import start
from tests.support.venues import Venue

STEPS = int(os.environ.get("WALK_STEPS", "600"))
FAR = 5_000
SEED = int(os.environ.get("WALK_SEED", "1"))


@pytest.mark.slow
@pytest.mark.timeout(14_400)
async def test_a_model_of_the_days_agrees_to_the_penny(database: Database, venue: Venue) -> None:
    walk = await start(database, venue, Random(SEED))
    await walk.go(STEPS)
    if STEPS >= FAR:
        assert not walk.never_done(), "a far walk meets everything"


def test_the_model_imports_nothing_of_the_server() -> None:
    for path in Path(tests.properties.day.__file__).parent.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^(from|import) epos\b", text, re.MULTILINE), path
