"""Calls and answers that cross, to the very step of the loop."""

import asyncio
import json
from typing import Any

from epos.simulator.connections import EposConnection, EposSocket

CALL: dict[str, Any] = {"id": "call_1"}


class ToldConnection(EposConnection):
    """A connection on which a test answers."""

    def __init__(self) -> None:
        self.sent = asyncio.Event()
        self.frames = asyncio.Queue[str | None]()

    async def send(self, text: str) -> None:
        self.sent.set()

    async def next_frame(self) -> str | None:
        return await self.frames.get()

    def answer(self) -> None:
        self.frames.put_nowait(json.dumps(CALL))


async def test_an_answer_in_the_very_moment_of_giving_up_is_late_and_the_next_too_many() -> None:
    said: list[tuple[str, list[str]]] = []
    socket, connection = (
        EposSocket(lambda note, _, wrong: said.append((note, wrong))),
        ToldConnection(),
    )
    serving = asyncio.create_task(socket.serve(connection))
    asking = asyncio.create_task(socket.ask(CALL, 60))
    await connection.sent.wait()

    connection.answer()
    asking.cancel()  # as a timeout does it; the answer's turn comes before that of who gave up
    await asyncio.wait({asking})
    assert said == [("a late answer", [])]

    connection.answer()
    connection.frames.put_nowait(None)
    await serving
    assert said[1:] == [("an answer too many", ["id: was answered before"])]
