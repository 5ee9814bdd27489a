"""Walking through the pages of a search."""

from collections.abc import AsyncIterator
from typing import Any

from tests.support.venues import Venue

Json = dict[str, Any]


async def page(venue: Venue, path: str, filters: Json | None = None, **cursor: Any) -> Json:
    """One page; SearchTables wraps its own in an array, as the specification says."""
    answer = await venue.ok("POST", path, (filters or {}) | {"cursor": cursor})
    found: Json = answer[0] if isinstance(answer, list) else answer
    return found


async def forward(
    venue: Venue, path: str, limit: int, filters: Json | None = None
) -> AsyncIterator[Json]:
    """Every page, from the first to the last."""
    found = await page(venue, path, filters, limit=limit)
    yield found
    while "after" in found:
        found = await page(venue, path, filters, limit=limit, after=found["after"])
        yield found


async def backward(
    venue: Venue, path: str, limit: int, before: str, filters: Json | None = None
) -> AsyncIterator[Json]:
    """Every page in front of a place, the nearest first."""
    place: str | None = before
    while place is not None:
        found = await page(venue, path, filters, limit=limit, before=place)
        yield found
        place = found.get("before")


def ids(*pages: Json) -> list[str]:
    """What is on the pages, in their order."""
    return [row["id"] for one in pages for row in one["data"]]
