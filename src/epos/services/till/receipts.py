"""Receipts and credit notes with running numbers. What says the same again is a copy."""

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import astuple, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from epos.domain.errors import NotFound
from epos.domain.paper import centered
from epos.domain.requester import Requester
from epos.services.locked_orders import lock_visible
from epos.services.till.papers import Customer, Sheet, read_receipt, render_receipt
from epos.services.till.refund_receipts import read_refund, render_refund
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore


@dataclass(frozen=True, slots=True)
class _Draft:
    """A receipt as it would be printed now."""

    kind: str
    title: str
    at: datetime
    fingerprint: str
    render: Callable[[], str]
    """Without its number."""
    customer: Customer | None = None
    refunds: list[str] | None = None
    """The ids of those on it."""
    copy_of: int | None = None
    """The number of the receipt that says the same, where that is known."""
    shows: int | None = None
    """The total of a tab that is on it."""
    is_news: bool = False
    """Whether no guest has seen that total."""


_NUMBER = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_Read = Callable[[VenueStore], Awaitable[_Draft]]


class Receipts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def receipt(
        self, tab_id: str, requester: Requester, customer: Customer | None = None
    ) -> Sheet:
        """What was paid. Raises NotFound, and Conflict while nothing has been paid or for what was
        cancelled.
        """
        return await self._print(tab_id, requester, partial(_paid, tab_id, requester, customer))

    async def refund(self, tab_id: str, requester: Requester) -> Sheet:
        """What went back since the last such paper: a credit note where that made the bill smaller, with
        its VAT, else a refund receipt; a copy of the last one if nothing did. Raises NotFound, and Conflict
        while nothing went back.
        """
        return await self._print(tab_id, requester, partial(_went_back, tab_id, requester))

    async def copy(self, number_text: str, requester: Requester) -> Sheet:
        """A receipt that was printed before, by its number. Raises NotFound."""
        if not _NUMBER.fullmatch(number_text):
            raise NotFound("The receipt")
        async with self._database.snapshot(requester.venue_id) as store:
            given = await store.receipts.get(int(number_text))
            if given is None:
                raise NotFound("The receipt")
            if await store.orders.answer(given["order_id"], requester.waiter_id) is None:
                raise NotFound("The receipt")
        return _copy(given)

    async def _print(self, tab_id: str, requester: Requester, read: _Read) -> Sheet:
        """A copy is only read, unless its total is remembered as shown. For a new receipt the order is
        locked, so that it is the one that is printed and gets one number; the row of the venue's last
        number is locked last, until the commit. No payment ever waits for that row.
        """
        async with self._database.snapshot(requester.venue_id) as store:
            draft = await read(store)
            given = await _given(store, tab_id, draft)
        if given is not None and not draft.is_news:
            return _copy(given)

        async def work(store: VenueStore) -> Sheet:
            await lock_visible(store, tab_id, requester)
            draft = await read(store)
            if draft.shows is not None and draft.is_news:
                await store.tabs.show(tab_id, draft.shows)
            given = await _given(store, tab_id, draft)
            if given is not None:
                return _copy(given)
            body = await asyncio.to_thread(draft.render)
            number = await store.receipts.issue(
                draft.at,
                order_id=tab_id,
                kind=draft.kind,
                fingerprint=draft.fingerprint,
                title=draft.title,
                body=body,
                customer=draft.customer and json.dumps(astuple(draft.customer), ensure_ascii=False),
                refunds=draft.refunds and json.dumps(draft.refunds),
            )
            return _sheet(draft.title, body, number)

        return await self._database.write(requester.venue_id, work)


async def _given(store: VenueStore, tab_id: str, draft: _Draft) -> Record | None:
    """The receipt that says the same, if there is one."""
    if draft.copy_of is not None:
        return await store.receipts.get(draft.copy_of)
    return await store.receipts.find(tab_id, draft.fingerprint)


async def _paid(
    tab_id: str, requester: Requester, customer: Customer | None, store: VenueStore
) -> _Draft:
    read = await read_receipt(store, tab_id, requester)
    said = {**read.said(), "customer": customer and [customer.name, customer.address]}
    return _Draft(
        kind="receipt",
        title="Receipt",
        at=read.profile.now,
        fingerprint=_fingerprint("receipt", said),
        render=partial(render_receipt, read, customer),
        customer=customer,
        shows=read.shows,
        is_news=read.shows not in (None, read.row["billed_total"] or 0),
    )


async def _went_back(tab_id: str, requester: Requester, store: VenueStore) -> _Draft:
    read = await read_refund(store, tab_id, requester)
    return _Draft(
        kind="refund",
        title=read.title,
        at=read.profile.now,
        fingerprint=_fingerprint("refund", {"refunds": read.refund_ids}),
        render=partial(render_refund, read),
        refunds=read.refund_ids,
        copy_of=read.copy_of,
    )


def _fingerprint(kind: str, said: dict[str, Any]) -> str:
    """Of what a receipt says about the order. The venue's own words may change; a copy has the old ones."""
    text = json.dumps([kind, said], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _copy(given: Record) -> Sheet:
    original = _sheet(given["title"], given["body"], given["number"])
    return Sheet(original.title, f"{centered('COPY')}\n{original.text}")


def _sheet(title: str, body: str, number: int) -> Sheet:
    return Sheet(title, f"{body}{centered(f'{title} No. {number}')}\n")
