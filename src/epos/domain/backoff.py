"""How long to wait after a failed attempt."""

from collections.abc import Callable
from random import SystemRandom

_uniform = SystemRandom().uniform


class Backoff:
    """Doubles from `first` to `longest` seconds, with jitter: between half of that and all of it."""

    def __init__(
        self,
        first: float,
        longest: float,
        uniform: Callable[[float, float], float] = _uniform,
    ) -> None:
        self._first = first
        self._longest = longest
        self._uniform = uniform

    def seconds(self, attempts: int) -> float:
        """After so many attempts that failed; at least one."""
        ceiling = min(self._first * 2 ** min(attempts - 1, 30), self._longest)
        return self._uniform(ceiling / 2, ceiling)
