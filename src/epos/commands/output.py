"""How commands print, and how they fail."""

import sys
from typing import NoReturn
from urllib.parse import urlsplit, urlunsplit

import typer


def say(text: str) -> None:
    print(text, flush=True)


def say_target(where: str, venue: str | None = None) -> None:
    """Say on standard error what a command acts on, before it does."""
    of_venue = "" if venue is None else f", venue {venue}"
    print(f"epos: using {where}{of_venue}", file=sys.stderr, flush=True)


def without_password(url: str) -> str:
    """A URL as it may be shown; little of one that cannot be read."""
    parts = urlsplit(url)
    if "@" in parts.path + parts.query + parts.fragment:
        return f"{parts.scheme}://..."
    user, at, hosts = parts.netloc.rpartition("@")
    shown = [
        part for part in parts.query.split("&") if "pass" not in part.partition("=")[0].lower()
    ]
    netloc = f"{user.partition(':')[0]}{at}{hosts}"
    return urlunsplit((parts.scheme, netloc, parts.path, "&".join(shown), ""))


def fail(error: Exception | str) -> NoReturn:
    """Print the reason on standard error and exit with code 2."""
    print(f"epos: {error}", file=sys.stderr)
    raise typer.Exit(2)
