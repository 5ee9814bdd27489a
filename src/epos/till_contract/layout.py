"""The layout: the set-up of a venue as one document, and how it is read and checked.

It contains profile, areas, tables, waiters without PINs, and the menu. The order of areas, categories
and items is the order of the lists.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from epos.contract.base import ClosedRequest, Flag
from epos.contract.codec import read_json, validate, violations
from epos.contract.errors import ContractViolation
from epos.domain.natural_order import natural_key
from epos.till_contract.base import Covers, KeyedRequest, Minor, Name, OwnId, Rate, Version
from epos.till_contract.menu import Modifiers, Parts, Takeaway
from epos.till_contract.paging import number_in_query
from epos.till_contract.profile import Profile

Json = dict[str, Any]
_NAMED_AT_MOST = 20
_MOST_VALUES = 50_000
"""Enough for thousands of tables and items. A body of more is refused before its errors are collected."""

Assigned = Annotated[list[OwnId], Field(max_length=1_000)]
"""Ids of waiters in the document."""


class LayoutWaiter(ClosedRequest):
    """A waiter. A PIN is not part of the document; a waiter who stays keeps the PIN."""

    id: OwnId
    """The id of the waiter, which terminals send as `waiter-id`."""
    name: Name
    """The waiter's name, as bills print it."""
    isManager: Flag = False
    """Whether the waiter is a manager: sees everything, whatever the access policy, and may approve."""


class LayoutTable(ClosedRequest):
    """A table of an area."""

    id: OwnId
    """The id of the table."""
    name: Name
    """The table's name, also on card machines. Unique in its area."""
    maxCovers: Covers | None = None
    """How many guests can sit at the table."""
    waiterIds: Assigned = Field(default_factory=list)
    """Ids of the waiters who serve the table. Without any, the area's waiters serve it."""


class LayoutArea(ClosedRequest):
    """An area with its tables. The order of the areas is the order of the list."""

    id: OwnId
    """The id of the area."""
    name: Name
    """The area's name. Unique in the document."""
    waiterIds: Assigned = Field(default_factory=list)
    """Ids of the waiters who serve those of the area's tables that have no waiters of their own."""
    tables: list[LayoutTable] = Field(max_length=5_000)
    """The tables of the area."""


class LayoutItem(ClosedRequest):
    """An item of the menu. The order of the items is the order of the list."""

    plu: OwnId
    """The item's product code. Unique in the document."""
    name: Name
    """The item's name."""
    price: Minor | None = None
    """The price of one item in minor units, with VAT. Without it, the price is entered with each sale."""
    vatRate: Rate
    """The item's VAT rate in hundredths of a percent: 20% is 2000."""
    available: Flag = True
    """Whether the item can be sold now."""
    modifiers: Modifiers = Field(default_factory=list)
    """The modifiers that guests can ask for with the item."""
    takeaway: Takeaway | None = None
    """Its second price and VAT rate, for taking away."""
    parts: Parts | None = None
    """For a deal: the items in it, which cost `price` together."""


class LayoutCategory(ClosedRequest):
    """A category of the menu with its items. The order of the categories is the order of the list."""

    id: OwnId
    """The id of the category."""
    name: Name
    """The category's name. Unique in the document."""
    items: list[LayoutItem] = Field(max_length=5_000)
    """The items of the category."""


class Layout(ClosedRequest):
    """The whole set-up of a venue. All lists are required. What a list leaves out is removed."""

    venue: Profile
    """The venue's profile."""
    waiters: list[LayoutWaiter] = Field(max_length=2_000)
    """The venue's staff."""
    areas: list[LayoutArea] = Field(max_length=500)
    """The venue's areas, with their tables."""
    menu: list[LayoutCategory] = Field(max_length=500)
    """The venue's menu, by category."""


class NewLayout(Layout, KeyedRequest):
    """The set-up that replaces the present one."""


# --- reading ----------------------------------------------------------------------------------------


class LayoutQuery(ClosedRequest):
    """Which set-up is to be replaced."""

    version: Annotated[Version, BeforeValidator(number_in_query)] | None = None
    """The version of the set-up that must still be there. Without it: any."""


@dataclass(frozen=True, slots=True)
class LayoutFault:
    """An error in a layout. `place` is its path in the file: `areas[3].tables[12].maxCovers`."""

    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.place} {self.words}"


class BrokenLayout(ContractViolation):
    """The file is not a valid layout. The message contains the first faults and their number."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("", summary(faults))
        self.faults = faults


def summary(faults: list[str]) -> str:
    """The first faults in one text, and how many there are in all."""
    named = "; ".join(faults[:_NAMED_AT_MOST])
    return named if len(faults) <= _NAMED_AT_MOST else f"{named}; {len(faults)} faults in all"


def read_layout(body: bytes) -> NewLayout:
    """Read and check a layout. Raises BrokenLayout. It is slow when the file has many faults."""
    if body.count(b",") >= _MOST_VALUES:
        raise BrokenLayout([f"the body must not have more than {_MOST_VALUES} values"])
    try:
        data = read_json(body)
    except ContractViolation as violation:
        raise BrokenLayout([violation.message]) from None
    faults = [LayoutFault(fault.field, _words(fault)) for fault in violations(NewLayout, data)]
    if isinstance(data, dict):
        faults += _faults_between(data)
    if faults:
        ordered = sorted(faults, key=lambda fault: natural_key(fault.place))
        raise BrokenLayout([str(fault).strip() for fault in ordered])
    return validate(NewLayout, data)


def _words(violation: ContractViolation) -> str:
    return violation.message.removeprefix(violation.field).strip()


# --- checks between the parts -----------------------------------------------------------------------


def _faults_between(data: Json) -> Iterator[LayoutFault]:
    """Faults that no part shows alone: ids and names used twice, unknown waiters. Ignores wrong types."""
    waiters, areas, categories = (_objects(data, name) for name in ("waiters", "areas", "menu"))
    tables = [table for at, area in areas for table in _objects(area, "tables", f"{at}.")]
    items = [item for at, category in categories for item in _objects(category, "items", f"{at}.")]
    yield from _repeated(waiters, "id")
    yield from _repeated(areas, "id")
    yield from _repeated(areas, "name")
    yield from _repeated(tables, "id")
    for at, area in areas:
        yield from _repeated(_objects(area, "tables", f"{at}."), "name")
    yield from _repeated(categories, "id")
    yield from _repeated(categories, "name")
    yield from _repeated(items, "plu")
    for at, item in items:
        yield from _repeated(_objects(item, "modifiers", f"{at}."), "plu")
    yield from _broken_deals(items)
    known = {waiter.get("id") for _, waiter in waiters if isinstance(waiter.get("id"), str)}
    for at, assigned in (*areas, *tables):
        yield from _unknown(at, assigned, known)


def _objects(parent: Json, name: str, at: str = "") -> list[tuple[str, Json]]:
    """The objects of a list, each with its path."""
    found = parent.get(name)
    return [
        (f"{at}{name}[{index}]", element)
        for index, element in enumerate(found if isinstance(found, list) else [])
        if isinstance(element, dict)
    ]


def _repeated(objects: Iterable[tuple[str, Json]], key: str) -> Iterator[LayoutFault]:
    first: dict[str, str] = {}
    for at, found in objects:
        value = found.get(key)
        if isinstance(value, str) and first.setdefault(value, at) != at:
            yield LayoutFault(f"{at}.{key}", f"is the same as that of {first[value]}")


def _broken_deals(items: list[tuple[str, Json]]) -> Iterator[LayoutFault]:
    single = {
        item.get("plu")
        for _, item in items
        if item.get("price") is not None and not item.get("parts")
    }
    for at, deal in items:
        if deal.get("parts") and deal.get("price") is None:
            yield LayoutFault(f"{at}.price", "is required for a deal")
        for place, part in _objects(deal, "parts", f"{at}."):
            if isinstance(part.get("plu"), str) and part["plu"] not in single:
                yield LayoutFault(f"{place}.plu", "is not an item with a price in the file")


def _unknown(at: str, assigned: Json, waiters: set[Any]) -> Iterator[LayoutFault]:
    found = assigned.get("waiterIds")
    seen: set[str] = set()
    for index, waiter_id in enumerate(found if isinstance(found, list) else []):
        if not isinstance(waiter_id, str):
            continue
        if waiter_id not in waiters:
            yield LayoutFault(f"{at}.waiterIds[{index}]", "is not the id of a waiter in the file")
        elif waiter_id in seen:
            yield LayoutFault(f"{at}.waiterIds[{index}]", "appears twice")
        seen.add(waiter_id)
