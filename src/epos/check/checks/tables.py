"""Areas and tables: where guests sit."""

from collections import Counter

from epos.check.checks.paging import all_pages, ids_of
from epos.check.registry import Obligation, check, schema
from epos.check.subject import Epos, NotTried

_MUST, _SHOULD = Obligation.MUST, Obligation.SHOULD


@check(
    _MUST,
    "SearchTables",
    source=schema("SearchTablesRequest", "areaId"),
    not_proved="That a table is in the area where people say it is.",
    writes=False,
)
async def area_filter(epos: Epos) -> None:
    """A search in one area finds that area's tables, and all of them."""
    tables = await all_pages(epos, "SearchTables", {})
    areas = [one["areaId"] for one in tables if one.get("areaId")]
    if not areas:
        raise NotTried("no table names its area")
    found = await all_pages(epos, "SearchTables", {"areaId": areas[0]})
    wanted = {one["id"] for one in tables if one.get("areaId") == areas[0]}
    epos.same(sorted(wanted), sorted(ids_of(found)), "tables of one area")


@check(
    _SHOULD,
    "ListAreas",
    "SearchTables",
    source=schema("Table", "areaId: ID of an area"),
    not_proved="That no area is missing.",
    writes=False,
)
async def areas_exist(epos: Epos) -> None:
    """The area of each table is among the areas: a floor plan is drawn from both."""
    areas = epos.granted(await epos.ask("ListAreas"), "the areas")
    tables = await all_pages(epos, "SearchTables", {})
    named = {one["areaId"] for one in tables if one.get("areaId")}
    unknown = named - {area["id"] for area in areas}
    epos.expect(not unknown, "each areaId is in ListAreas", f"{len(unknown)} are not")


@check(
    _MUST,
    "SearchTables",
    source=schema("Table", "name: must be unique for an area"),
    not_proved="That the names are those that staff use.",
    writes=False,
)
async def names_are_unique(epos: Epos) -> None:
    """Two tables of one area have two names: a waiter chooses by name on the card machine."""
    tables = await all_pages(epos, "SearchTables", {})
    names = Counter((one.get("areaId"), one.get("name")) for one in tables)
    twice = [str(name) for (_, name), count in names.items() if count > 1]
    epos.expect(not twice, "unique names", ", ".join(twice))


@check(
    _MUST,
    "SearchTables",
    source=schema("Cursor", "limit, after"),
    not_proved="That it holds while tables change.",
    writes=False,
)
async def pages_are_whole(epos: Epos) -> None:
    """Small pages together are the large page: a table that is lost cannot be chosen."""
    whole = ids_of(await all_pages(epos, "SearchTables", {}))
    if len(whole) < 2:
        raise NotTried("there are fewer than two tables")
    size = max(1, len(whole) // 4)
    parts = ids_of(await all_pages(epos, "SearchTables", {}, limit=size))
    epos.same(sorted(whole), sorted(parts), "the tables of all pages")
