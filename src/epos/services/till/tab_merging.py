"""Two tabs into one: lines move, payments never."""

from dataclasses import dataclass, replace

from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.order_status import OrderStatus, further_on
from epos.domain.tab_splits import merge
from epos.services.till.tab_answers import answer
from epos.services.till.tab_writes import Change, HeldTab, Write, hold, save
from epos.store.database import Database
from epos.store.venue_store import VenueStore
from epos.till_contract.tab_requests import Merge
from epos.till_contract.tabs import Merged


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two, locked, with the version that the request saw of it."""

    write: Write
    held: HeldTab

    @property
    def id(self) -> str:
        return self.write.tab_id


class TabMerging:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def merge(self, request: Merge, write: Write) -> Merged:
        """The named tab with the lines of both; where the other one has payments, that one.

        Raises as `hold`, for either, and Conflict where both have payments.
        """
        other = Write(request.otherTabId, request.otherVersion, write.requester)
        if other.tab_id == write.tab_id:
            raise InvalidRequest("otherTabId", "must be another tab than the one it is merged with")

        async def work(store: VenueStore) -> Merged:
            staying, coming = await _sides(store, write, other)
            await _join(store, staying, coming)
            return Merged.model_construct(
                tab=await answer(store, staying.id), emptied=await answer(store, coming.id)
            )

        return await self._database.write(write.requester.venue_id, work)


async def _sides(store: VenueStore, named: Write, other: Write) -> tuple[_Side, _Side]:
    """Who stays, and who comes. Locked in ascending id; a payment of either is before or after."""
    in_order = sorted((named, other), key=lambda write: write.tab_id)
    sides = {write: _Side(write, await _hold(store, write, named)) for write in in_order}
    paid = await store.payments.orders_with_ledger([named.tab_id, other.tab_id])
    if len(paid) > 1:
        raise Conflict("Both tabs have payments, and payments stay where they are")
    if other.tab_id in paid:
        return sides[other], sides[named]
    return sides[named], sides[other]


async def _hold(store: VenueStore, write: Write, named: Write) -> HeldTab:
    """Raises in words that say which of the two it is."""
    try:
        return await hold(store, write)
    except Conflict as refusal:
        raise Conflict(f"{write.tab_id}: {refusal.message}") from None
    except NotFound:
        if write is named:
            raise
        raise InvalidRequest("otherTabId", "is not a tab of the venue") from None


async def _join(store: VenueStore, staying: _Side, coming: _Side) -> None:
    here, there = staying.held, coming.held
    lines = {**here.lines, **there.lines}
    joined = Change(
        "tab.merged",
        merge(here.tab, there.tab),
        status=further_on(here.status, there.status),
        details={"emptied": coming.id, "lines": list(there.lines)},
        order_columns={"note": _both_notes(here.order["note"], there.order["note"])},
        tab_columns={
            "covers": _both_covers(here.facts["covers"], there.facts["covers"]),
            "rounds": max(here.facts["rounds"], there.facts["rounds"]),
        },
    )
    await save(store, replace(here, lines=lines), joined, staying.write)
    emptied = Change(
        "tab.emptied",
        replace(there.tab, lines=(), discount=None, as_split=None),
        status=OrderStatus.CANCELED,
        details={"merged_into": staying.id},
        tab_columns={"merged_into": staying.id},
    )
    await save(store, there, emptied, coming.write)


def _both_notes(one: str | None, other: str | None) -> str | None:
    """No allergy is lost because its guest moved to another tab."""
    lines = [line for note in (one, other) if note for line in note.splitlines()]
    return "\n".join(dict.fromkeys(lines)) or None


def _both_covers(one: int | None, other: int | None) -> int | None:
    return (one or 0) + (other or 0) or None
