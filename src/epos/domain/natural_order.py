"""Sort names as people expect: "Table 2" before "Table 10"."""

import re

_DIGITS = re.compile(r"\d+", re.ASCII)


def natural_key(name: str) -> str:
    """A key whose bytewise order is the natural order of `name`.

    Each number is prefixed with its length, so any two numbers compare by value.
    """
    return _DIGITS.sub(lambda match: _sortable(match.group()), name.casefold())


def _sortable(digits: str) -> str:
    value = digits.lstrip("0") or "0"
    return f"{len(value):03d}{value}"
