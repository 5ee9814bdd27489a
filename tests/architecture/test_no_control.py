"""A server that is not there for tests has nothing of the control API."""

import subprocess
import sys

_SERVES = """
import sys
from epos import serving
from epos.main import build_app
from epos.settings import Settings
app = build_app(Settings(), "postgresql://nobody@127.0.0.1:1/nothing")
ours = ("epos.control", "epos.services.world", "epos.services.seeded")
loaded = [name for name in sys.modules if name.startswith(ours)]
layers = []
while type(app).__module__.startswith("epos.web"):
    layers.append(type(app).__name__)
    app = getattr(app, "_app", None)
print(*layers, loaded)
"""


def test_without_testing_no_module_of_it_is_loaded_and_no_layer_stands_in_front() -> None:
    """So a request costs what it cost before there was a control API: the same objects answer it."""
    done = subprocess.run(
        [sys.executable, "-c", _SERVES], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "Observed Authenticated RouteTable []"
