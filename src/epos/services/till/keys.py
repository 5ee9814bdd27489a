"""Writes of a till that can be sent again: the same key with the same content gets the first answer.

The key is taken and the answer kept in the transaction of the write itself (`under_key`, around every
unit of work of the till's services): after a crash there are both or neither, and of two copies at one
moment the second waits for the first. A refusal changed nothing and is not kept.
"""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from epos.contract.codec import digest, to_wire
from epos.domain.errors import Conflict
from epos.domain.requester import Requester
from epos.services.api import Result
from epos.services.till.pins import digest_of_pins
from epos.store.database import Database, Work
from epos.store.failures import CommittedRefusal
from epos.store.venue_store import VenueStore

T = TypeVar("T")


@dataclass(slots=True)
class KeyedWrite:
    """One request with a key. `fingerprint`: of everything that it asks for."""

    key: str
    operation: str
    fingerprint: str
    is_kept: bool = False


class AlreadyAnswered(Exception):
    """Another copy of the request was carried out before."""

    def __init__(self, answer: bytes) -> None:
        super().__init__()
        self.answer = answer


_CURRENT: ContextVar[KeyedWrite | None] = ContextVar("keyed_write", default=None)


class Keys:
    def __init__(self, database: Database) -> None:
        """`database`: one without `under_key` around its writes."""
        self._database = database

    async def once(
        self, write: KeyedWrite, requester: Requester, carry_out: Callable[[], Awaitable[Result]]
    ) -> bytes:
        """The JSON of the first answer under this key; `carry_out` runs if there is none.

        Raises Conflict for a key that was used with other content, and whatever `carry_out` raises.
        """
        venue_id = requester.venue_id
        async with self._database.read(venue_id) as store:
            known = await _first_answer(store, write)
        if known is not None:
            return known
        token = _CURRENT.set(write)
        try:
            answer = await carry_out()
            if not write.is_kept:  # it changed nothing, as a sign-in does
                await self._database.write(venue_id, under_key(_answering(answer)))
        except AlreadyAnswered as first:
            return first.answer
        finally:
            _CURRENT.reset(token)
        return _json(answer)


async def fingerprint_of(key: str, operation: str, content: dict[str, Any], body: BaseModel) -> str:
    """Of a request: `content` beside its body. PINs count, but as slow to guess as they are kept."""
    sent = body.model_dump(exclude={"key"}, exclude_none=True)
    pins = list(_take_pins(sent))
    slow = await digest_of_pins(pins, f"{operation} {key}") if pins else None
    return digest({"operation": operation, "content": content, "body": sent, "pins": slow})


def under_key(work: Work[T]) -> Work[T]:
    """The same work, in one transaction with the key of the request, if it has one."""
    write = _CURRENT.get()
    if write is None:
        return work

    async def once(store: VenueStore) -> T:
        now = await store.venue.now()
        if not await store.till_writes.begin(write.key, write.operation, write.fingerprint, now):
            known = await _first_answer(store, write)
            assert known is not None, "the key is taken"  # noqa: S101
            raise AlreadyAnswered(known)
        try:
            outcome = await work(store)
        except CommittedRefusal:
            await store.till_writes.take_back(write.key)
            raise
        await store.till_writes.finish(write.key, _json(outcome).decode(), now)
        write.is_kept = True
        return outcome

    return once


async def _first_answer(store: VenueStore, write: KeyedWrite) -> bytes | None:
    known = await store.till_writes.first(write.key, await store.venue.now())
    if known is None:
        return None
    if (known["operation"], known["fingerprint"]) != (write.operation, write.fingerprint):
        raise Conflict(f"key has been used for {known['operation']} with other content")
    answer: str = known["answer"]
    return answer.encode()


def _answering(answer: Result) -> Work[Result]:
    """Work that only keeps an answer."""

    async def work(_: VenueStore) -> Result:
        return answer

    return work


def _json(outcome: Any) -> bytes:
    return b"" if outcome is None else to_wire(outcome)


def _take_pins(sent: Any) -> Any:
    """Take the PINs out of a request, however deep."""
    if isinstance(sent, list):
        for element in sent:
            yield from _take_pins(element)
    elif isinstance(sent, dict):
        if isinstance(sent.get("pin"), str):
            yield sent.pop("pin")
        for value in sent.values():
            yield from _take_pins(value)
