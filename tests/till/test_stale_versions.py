"""Every stale Conflict carries the current version, not the tabs' alone."""

from typing import Any

from tests.support.clock import freeze
from tests.support.tabs import open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
BOOKED = {
    "name": "Ada",
    "covers": 2,
    "tableIds": ["t1"],
    "startTime": "2026-11-25T19:00:00.000Z",
    "endTime": "2026-11-25T21:00:00.000Z",
}


async def current(speaker: Any, method: str, path: str, body: Json) -> int:
    error = await speaker.refused(409, method, path, body)
    version: int = error["currentVersion"]
    return version


async def test_of_parties_reservations_and_the_set_up(bistro: Venue) -> None:
    await freeze(bistro, "2026-11-25T12:00+00:00")
    for path, body, ends in (
        ("/till/v1/parties", {"tableIds": ["t1"], "covers": 2}, ("finish",)),
        ("/till/v1/reservations", BOOKED, ("cancel", "no-show")),
    ):
        made = await bistro.till.ok("POST", path, body)
        one = f"{path}/{made['id']}"
        await bistro.till.ok("PUT", one, {"version": 1, "covers": 3})
        assert await current(bistro.till, "PUT", one, {"version": 1, "covers": 4}) == 2
        for end in ends:
            assert await current(bistro.till, "POST", f"{one}/{end}", {"version": 1}) == 2
    profile = await bistro.admin.ok("GET", "/till/v1/profile")
    changed = await bistro.admin.ok("PUT", "/till/v1/profile", profile | {"name": "Other"})
    stale = profile | {"name": "Third"}
    assert await current(bistro.admin, "PUT", "/till/v1/profile", stale) == changed["version"]
    layout = await bistro.admin.ok("GET", "/till/v1/layout")
    path = "/till/v1/layout?version=1"
    assert await current(bistro.admin, "PUT", path, layout) == changed["version"]


async def test_of_either_tab_of_a_merge(bistro: Venue) -> None:
    one, other = await open_tab(bistro, "burger"), await open_tab(bistro, "chips")
    body = {"version": 2, "otherTabId": other.id, "otherVersion": 1}
    assert await current(bistro.till, "POST", f"{one.path}/merge", body) == 2
