"""The time of each account: a venue that is tested may be at another time than the machine."""

from contextvars import ContextVar
from datetime import UTC, datetime, timedelta


class Clock:
    """The machine's time, until it is set."""

    def __init__(self) -> None:
        self._stands_at: datetime | None = None
        self._shift = timedelta(0)

    def set(self, now: datetime, *, stands: bool) -> None:
        """It is this time now, and stays so or runs from there."""
        self._stands_at = now if stands else None
        self._shift = now - datetime.now(UTC)

    def now(self) -> datetime:
        return self._stands_at or datetime.now(UTC) + self._shift

    def enter(self) -> None:
        """From now on, this context and the tasks that it starts have this time."""
        _OWN.set(self)


_OWN = ContextVar[Clock | None]("own_clock", default=None)


def now() -> datetime:
    """The time of the account that is acted for."""
    own = _OWN.get()
    return datetime.now(UTC) if own is None else own.now()
