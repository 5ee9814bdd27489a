"""Ids, times and amounts as Dojo writes them."""

import random
import string
from datetime import timedelta

from epos.contract.base import format_time
from epos.simulator.clock import now

_LETTERS = string.ascii_letters + string.digits
_LENGTH = 22


class DojoIds:
    """Makes ids such as `pi_sandbox_RBMHTJ4fIkmSppDILZVCGw`: random, or repeatable with a seed."""

    def __init__(self, seed: int | None = None) -> None:
        # Nothing here is secret, and a run that can be repeated is worth more.
        self._random = random.Random(seed)  # noqa: S311 - a seed repeats them; no secret

    def new(self, prefix: str) -> str:
        return f"{prefix}_{''.join(self._random.choices(_LETTERS, k=_LENGTH))}"


def now_text() -> str:
    return format_time(now())


def in_seconds(seconds: float) -> str:
    """A time from now: when a lock expires, when a reservation starts."""
    return format_time(now() + timedelta(seconds=seconds))


def amount_text(value: int, currency: str) -> str:
    """For people: `GBP 12.50`."""
    return f"{currency} {value / 100:.2f}"
