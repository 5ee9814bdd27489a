"""A bounded dictionary whose entries expire."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_MOST = 10_000


class ExpiringCache(Generic[K, V]):
    """Keeps each entry for `seconds`. A full cache is emptied, so it never grows beyond its bound."""

    def __init__(
        self, seconds: float, *, most: int = _MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._entries: dict[K, tuple[float, V]] = {}

    def get(self, key: K) -> V | None:
        """The value, unless it has expired."""
        entry = self._entries.get(key)
        return entry[1] if entry is not None and entry[0] > self._clock() else None

    def put(self, key: K, value: V) -> None:
        """Keep the value; its time starts now."""
        if len(self._entries) >= self._most:
            self._entries.clear()
        self._entries[key] = (self._clock() + self._seconds, value)
