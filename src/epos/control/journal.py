"""The journal of one test venue: every request and its answer, in memory, with bounds."""

import asyncio
from collections import deque
from collections.abc import Callable

from epos.control.exchange import Call, Exchange, Wanted

MOST_ENTRIES = 2_000
MOST_BYTES = 4 * 1024 * 1024
"""Of the bodies; beyond, the oldest entries go."""
_NEAREST = 3


class Journal:
    """Oldest first. An entry is written when its answer is known, or known not to come."""

    def __init__(self) -> None:
        self._entries = deque[Exchange]()
        self._bytes = 0
        self._numbers = 0
        self._written = asyncio.Event()

    def begin(self, call: Call, trace_id: str) -> Exchange:
        """An entry that is not in the journal yet."""
        self._numbers += 1
        return Exchange(self._numbers, call, trace_id)

    def write(self, entry: Exchange) -> None:
        """Keep it, and wake up whoever waits for it."""
        self._entries.append(entry)
        self._bytes += _size(entry)
        while len(self._entries) > MOST_ENTRIES or (
            self._bytes > MOST_BYTES and len(self._entries) > 1
        ):
            self._bytes -= _size(self._entries.popleft())
        self._written.set()
        self._written = asyncio.Event()

    def find(self, wanted: Wanted, *, after: int = 0) -> list[Exchange]:
        """The entries that are as wanted, with a number beyond `after`."""
        return [
            entry
            for entry in self._entries
            if entry.number > after and not wanted.differences(entry)
        ]

    async def wait(
        self, wanted: Wanted, enough: Callable[[int], bool], seconds: float
    ) -> list[Exchange]:
        """The entries that are as wanted, as soon as they are enough, else after so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    written = self._written
                    found = self.find(wanted)
                    if enough(len(found)):
                        return found
                    await written.wait()
        except TimeoutError:
            return self.find(wanted)

    def nearest(self, wanted: Wanted) -> list[tuple[Exchange, list[tuple[str, object, object]]]]:
        """The entries that are almost as wanted, the best first, with what differs. Those of another
        operation are no near misses, if there are any of this one.
        """
        missed = [(entry, wanted.differences(entry)) for entry in self._entries]
        missed = [(entry, differs) for entry, differs in missed if differs]
        same = [one for one in missed if all(name != "capability" for name, _, _ in one[1])]
        ranked = sorted(same or missed, key=lambda one: (len(one[1]), -one[0].number))
        return [(entry, list(differs)) for entry, differs in ranked[:_NEAREST]]


def _size(entry: Exchange) -> int:
    return len(entry.call.body) + len(entry.answer)
