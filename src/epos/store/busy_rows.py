"""Rows that many requests want at once: two of a process at most lock one, or wait for it.

Whoever waits for a row lock has a connection and a slot. Without a limit, a few requests for one row that
somebody else has locked would take them all, and every other request would wait for that row, too.
"""

from contextvars import ContextVar
from typing import Protocol


class Rows(Protocol):
    """The rows that the request of this context may lock."""

    def take(self, row: str) -> bool:
        """Whether there is room for this request at the row; it has it until it ends."""
        ...

    async def wait(self) -> None:
        """Wait for the rows that were not to be had, and for those that it had. Raises Overloaded."""
        ...


ROWS: ContextVar[Rows | None] = ContextVar("rows", default=None)
"""None: nobody limits the work, as that of a job."""


class RowIsBusy(Exception):
    """Too many have or want the row. `Database.write` gives the connection back, waits, and runs the work
    again.
    """

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self.rows = rows


def take_row(row: str) -> None:
    """Call before a statement that may wait for a row lock, or for a natural key. Raises RowIsBusy."""
    rows = ROWS.get()
    if rows is not None and not rows.take(row):
        raise RowIsBusy(rows)
