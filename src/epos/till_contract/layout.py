"""The layout: the set-up of a venue as one document, and how it is read and checked.

It contains profile, areas, tables, waiters without PINs, and the menu. The order of areas, categories
and items is the order of the lists.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from epos.contract.base import ClosedRequest, Flag
from epos.contract.codec import read_json, validate, violations
from epos.contract.errors import ContractViolation
from epos.domain.natural_order import natural_key
from epos.till_contract.base import Covers, Minor, Name, OwnId, Rate
from epos.till_contract.menu import Modifiers
from epos.till_contract.profile import Profile

Json = dict[str, Any]
_NAMED_AT_MOST = 20
_MOST_VALUES = 50_000
"""Enough for thousands of tables and items. A body of more is refused before its errors are collected."""

Assigned = Annotated[list[OwnId], Field(max_length=1_000)]
"""Ids of waiters of the document."""


class LayoutWaiter(ClosedRequest):
    id: OwnId
    name: Name
    isManager: Flag = False


class LayoutTable(ClosedRequest):
    id: OwnId
    name: Name
    maxCovers: Covers | None = None
    waiterIds: Assigned = Field(default_factory=list)


class LayoutArea(ClosedRequest):
    id: OwnId
    name: Name
    waiterIds: Assigned = Field(default_factory=list)
    tables: list[LayoutTable] = Field(max_length=5_000)


class LayoutItem(ClosedRequest):
    plu: OwnId
    name: Name
    price: Minor | None = None
    """Unset: an open price."""
    vatRate: Rate
    available: Flag = True
    modifiers: Modifiers = Field(default_factory=list)


class LayoutCategory(ClosedRequest):
    id: OwnId
    name: Name
    items: list[LayoutItem] = Field(max_length=5_000)


class Layout(ClosedRequest):
    """A venue, but for what happens in it. All of its lists are required: an empty one removes."""

    venue: Profile
    waiters: list[LayoutWaiter] = Field(max_length=2_000)
    areas: list[LayoutArea] = Field(max_length=500)
    menu: list[LayoutCategory] = Field(max_length=500)


# --- reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fault:
    """`place` as the author of the file sees it, `areas[3].tables[12].maxCovers`."""

    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.place} {self.words}"


class BrokenLayout(ContractViolation):
    """A file that is no layout; the message has the first faults and how many there are."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("", summary(faults))
        self.faults = faults


def summary(faults: list[str]) -> str:
    """A few kilobytes of them at most."""
    named = "; ".join(faults[:_NAMED_AT_MOST])
    return named if len(faults) <= _NAMED_AT_MOST else f"{named}; {len(faults)} faults in all"


def read_layout(body: bytes) -> Layout:
    """Raises BrokenLayout. It takes a while when much is wrong."""
    if body.count(b",") >= _MOST_VALUES:
        raise BrokenLayout([f"the body must not have more than {_MOST_VALUES} values"])
    try:
        data = read_json(body)
    except ContractViolation as violation:
        raise BrokenLayout([violation.message]) from None
    faults = [Fault(fault.field, _words(fault)) for fault in violations(Layout, data)]
    if isinstance(data, dict):
        faults += _faults_between(data)
    if faults:
        ordered = sorted(faults, key=lambda fault: natural_key(fault.place))
        raise BrokenLayout([str(fault).strip() for fault in ordered])
    return validate(Layout, data)


def _words(violation: ContractViolation) -> str:
    return violation.message.removeprefix(violation.field).strip()


# --- between the parts ------------------------------------------------------------------------------


def _faults_between(data: Json) -> Iterator[Fault]:
    """What no part shows by itself. Of parts that are not what they should be, nothing is said here."""
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
    known = {waiter.get("id") for _, waiter in waiters if isinstance(waiter.get("id"), str)}
    for at, assigned in (*areas, *tables):
        yield from _unknown(at, assigned, known)


def _objects(parent: Json, name: str, at: str = "") -> list[tuple[str, Json]]:
    """The objects of a list with their places."""
    found = parent.get(name)
    return [
        (f"{at}{name}[{index}]", element)
        for index, element in enumerate(found if isinstance(found, list) else [])
        if isinstance(element, dict)
    ]


def _repeated(objects: Iterable[tuple[str, Json]], key: str) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for at, found in objects:
        value = found.get(key)
        if isinstance(value, str) and first.setdefault(value, at) != at:
            yield Fault(f"{at}.{key}", f"is the same as that of {first[value]}")


def _unknown(at: str, assigned: Json, waiters: set[Any]) -> Iterator[Fault]:
    found = assigned.get("waiterIds")
    seen: set[str] = set()
    for index, waiter_id in enumerate(found if isinstance(found, list) else []):
        if not isinstance(waiter_id, str):
            continue
        if waiter_id not in waiters:
            yield Fault(f"{at}.waiterIds[{index}]", "is not the id of a waiter in the file")
        elif waiter_id in seen:
            yield Fault(f"{at}.waiterIds[{index}]", "is there twice")
        seen.add(waiter_id)
