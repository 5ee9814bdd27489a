"""A command imports only what it needs, so that it starts quickly. Checked by names, not by time."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import json, sys
from epos.commands.app import app
try:
    app(json.loads(sys.argv[1]))
except SystemExit:
    pass
finally:
    print("\\n" + json.dumps(sorted(sys.modules)))
"""
DATABASE = ["sqlalchemy", "asyncpg", "alembic", "epos.store"]
# Typer itself reads arguments with Pydantic, so only its settings and our models are named here.
MODELS = ["pydantic_settings", "epos.contract", "epos.till_contract", "epos.settings"]
HTTP = ["fastapi", "starlette", "uvicorn", "httpx", "websockets", "epos.web"]
LARGE = [*DATABASE, *MODELS, *HTTP, "structlog", "rich", "cryptography", "epos.main"]

NO_DATABASE = "postgresql://user:secret@127.0.0.1:9/none"
CASES = {
    ("--help",): LARGE,
    ("venue", "--help"): LARGE,
    ("serve", "--help"): LARGE,
    ("dojo", "status", "--help"): LARGE,
    ("check", "--help"): LARGE,
    ("simulate", "terminal", "tip", "--help"): LARGE,
    ("dojo", "new-secret-key"): [*DATABASE, *MODELS, *HTTP, "epos.main"],
    ("simulate", "phone", "pay", "--url", "http://127.0.0.1:9"): [*DATABASE, *MODELS, "fastapi"],
    ("demo", "pay", "--url", "http://127.0.0.1:9"): [*DATABASE, "fastapi", "epos.till_contract"],
    ("venue", "list", "--database-url", NO_DATABASE): [*HTTP, "alembic", "epos.contract"],
    ("credential", "list", "demo", "--database-url", NO_DATABASE): [
        *HTTP,
        "alembic",
        "epos.contract",
    ],
    ("dojo", "link", "list", "--database-url", NO_DATABASE): ["fastapi", "alembic", "epos.main"],
}


@pytest.mark.parametrize("arguments", CASES, ids=" ".join)
def test_a_command_imports_only_what_it_needs(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    imported = set(json.loads(done.stdout.splitlines()[-1]))
    assert "epos.commands.app" in imported
    assert sorted(imported.intersection(CASES[arguments])) == []
