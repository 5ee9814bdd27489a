"""How commands print, and how they fail."""

import sys
from typing import NoReturn

import typer


def say(text: str) -> None:
    print(text, flush=True)


def fail(error: Exception | str) -> NoReturn:
    """Print the reason on standard error and exit with code 2."""
    print(f"epos: {error}", file=sys.stderr)
    raise typer.Exit(2)
