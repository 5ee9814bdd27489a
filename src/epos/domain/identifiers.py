"""Make ids, references and secrets."""

import os
import random
import time
from collections.abc import Callable

_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"
_REFERENCE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_REFERENCE_LENGTH = 4
_TRIES_PER_LENGTH = 3
TIME_PART = 10
"""How many characters of an id are its time."""


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


class Identifiers:
    """Makes ids that are unique and sort by the time when they were made.

    With the same `milliseconds` and `entropy`, a test gets the same ids again.
    """

    def __init__(
        self,
        milliseconds: Callable[[], int] = _milliseconds,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._milliseconds = milliseconds
        self._entropy = entropy

    def new(self, prefix: str) -> str:
        """A UUIDv7 in 26 characters of base 32 behind a type prefix, such as `ord_01j…`."""
        tail = int.from_bytes(self._entropy(10), "big")
        high = self._milliseconds() << 80
        version = 0x7 << 76 | (tail >> 68 & 0xFFF) << 64
        variant = 0b10 << 62 | tail & ((1 << 62) - 1)
        return f"{prefix}_{_base32(high | version | variant)}"

    def time_part(self) -> str:
        """The part of a new id, behind its prefix, that is the same for all of one millisecond."""
        return _base32(self._milliseconds() << 80)[:TIME_PART]

    def trace_id(self) -> str:
        return self._entropy(16).hex()

    def secret(self) -> str:
        """256 bits, for a credential; hex, so that it survives every config file."""
        return self._entropy(32).hex()

    def reference(self, attempt: int) -> str:
        """A short code that staff can call out. It gets longer with `attempt`: shorter ones were taken."""
        length = _REFERENCE_LENGTH + attempt // _TRIES_PER_LENGTH
        source = random.Random(self._entropy(16))  # noqa: S311 - a name to call out, not a secret
        return "".join(source.choices(_REFERENCE_ALPHABET, k=length))


def _base32(value: int) -> str:
    return "".join(_BASE32[value >> shift & 31] for shift in range(125, -1, -5))
