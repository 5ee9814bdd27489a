"""A request that was let in: its slot, and the rows that it may lock.

Which rows a request locks is known when it is about to lock them: the order of an event is found through
its payment, that of a merge stands in the body. So the store asks then (`store/busy_rows.py`), at each lock
of an order, a payment intent, a party, a reservation or a natural key. Who finds no room at a row gives up
all that it has, and waits for its rows in ascending order, without a connection and without a slot.
"""

from collections.abc import Callable

from epos.services.admission import Admission, Lane, Order, overloaded, stays
from epos.services.queues import MOST_WAIT_SECONDS


class Admitted:
    """Make it after the request was let in; `leave` when it has ended."""

    __slots__ = ("_admission", "_has_left", "_is_gone", "_lane", "_rows", "_venue_id", "_wanted")

    def __init__(
        self,
        admission: Admission,
        lane: Lane,
        venue_id: str,
        order: Order | None,
        is_gone: Callable[[], bool] = stays,
    ) -> None:
        """`order`: that of the request's path, which it has already."""
        self._admission = admission
        self._lane = lane
        self._venue_id = venue_id
        self._is_gone = is_gone
        self._rows: dict[Order, None] | None = {} if order is None else {order: None}
        """None: it waits, and has neither rows nor a slot."""
        self._wanted: set[Order] = set()
        self._has_left = False

    def take(self, row: str) -> bool:
        """Whether there is room at the row. What goes on after its request has ended is not limited: a
        write is never stopped half-way because its client has gone.
        """
        one = (self._venue_id, row)
        if self._rows is None or one in self._rows:
            return True
        if self._admission.try_row(one):
            self._rows[one] = None
            return True
        self._wanted.add(one)
        return False

    async def wait(self) -> None:
        """Wait for a slot and for all rows, those that it had too. Raises Overloaded."""
        if self._rows is None:
            raise overloaded(MOST_WAIT_SECONDS)  # its request has ended
        wanted = sorted({*self._rows, *self._wanted})
        self._give_back()
        await self._admission.enter_again(
            self._lane, self._venue_id, wanted, lambda: self._has_left or self._is_gone()
        )
        self._rows = dict.fromkeys(wanted)
        if self._has_left:
            self._give_back()
            raise overloaded(MOST_WAIT_SECONDS)

    def leave(self) -> None:
        """The request has ended."""
        self._has_left = True
        if self._rows is not None:
            self._give_back()

    def _give_back(self) -> None:
        rows, self._rows = self._rows or {}, None
        self._admission.leave_rows(self._venue_id, list(rows))
