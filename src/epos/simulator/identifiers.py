"""Ids in Dojo's shapes: random, or the same in every run with a seed."""

import random
import string

_LETTERS = string.ascii_letters + string.digits
_LENGTH = 22


class Identifiers:
    """Makes `pi_sandbox_RBMHTJ4fIkmSppDILZVCGw` and the like."""

    def __init__(self, seed: int | None = None) -> None:
        # Nothing here is secret, and a run that can be repeated is worth more.
        self._random = random.Random(seed)  # noqa: S311

    def new(self, prefix: str) -> str:
        return f"{prefix}_{''.join(self._random.choices(_LETTERS, k=_LENGTH))}"
