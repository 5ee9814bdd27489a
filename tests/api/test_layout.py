"""The floor: areas and tables, in the order in which people look for them."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from epos.store.database import Database
from tests.support.paging import backward, forward, ids, page
from tests.support.rows import add_area, add_table, execute
from tests.support.server import running_server
from tests.support.venues import Venue, make_venue

Json = dict[str, Any]
TABLES = "/v1/tables/search"
IN_ORDER = ["t1", "t2", "t3", "t10", "p1", "p2"]


class TestAreas:
    async def test_have_their_waiters(self, venue: Venue) -> None:
        assert await venue.ok("GET", "/v1/areas") == [
            {"id": "area_main", "name": "Main", "waiterIds": ["anna"]},
            {"id": "area_terrace", "name": "Terrace", "waiterIds": []},
        ]

    async def test_come_in_the_venues_own_order(self, venue: Venue) -> None:
        await add_area(venue, "a_bar", "Bar", 0)
        await add_area(venue, "z_roof", "Roof", 2)
        found = await venue.ok("GET", "/v1/areas")
        assert [area["id"] for area in found] == ["a_bar", "area_main", "area_terrace", "z_roof"]

    async def test_are_another_venues_own(self, venue: Venue, other_venue: Venue) -> None:
        await add_area(other_venue, "theirs", "Theirs", 0)
        assert len(await venue.ok("GET", "/v1/areas")) == 2


class TestTables:
    async def test_come_by_area_and_natural_name(self, venue: Venue) -> None:
        await add_area(venue, "area_bar", "Bar", 0)
        for table_id, name in (
            ("b", "Bar 20"),
            ("c", "bar 3"),
            ("a", "Bar 100"),
            ("d", "Ärmchair"),
        ):
            await add_table(venue, table_id, name, "area_bar")
        assert ids(await page(venue, TABLES)) == ["c", "b", "a", "d", *IN_ORDER]

    async def test_say_what_a_waiter_must_know(self, venue: Venue) -> None:
        await add_table(venue, "t11", "Table 11")
        await execute(
            venue,
            """INSERT INTO table_waiter (venue_id, table_id, waiter_id)
               VALUES ($1, 't11', 'cleo'), ($1, 't11', 'anna')""",
        )
        tables = {table["id"]: table for table in (await page(venue, TABLES))["data"]}
        assert tables["t3"] == {
            "id": "t3",
            "name": "Table 3",
            "maxCovers": 4,
            "areaId": "area_main",
            "waiterIds": ["ben"],
        }
        assert tables["t11"] == {
            "id": "t11",
            "name": "Table 11",
            "areaId": "area_main",
            "waiterIds": ["anna", "cleo"],
        }
        assert tables["t1"]["waiterIds"] == [], "its own, not the area's"

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ({"areaId": "area_terrace"}, ["p1", "p2"]),
            ({"areaId": "nowhere"}, []),
            ({"waiterId": "anna"}, ["t1", "t2", "t10"]),
            ({"waiterId": "ben"}, ["t3"]),
            ({"waiterId": "cleo"}, []),
            ({"areaId": "area_main", "waiterId": "ben"}, ["t3"]),
            ({"areaId": "area_terrace", "waiterId": "ben"}, []),
            ({"areaId": None, "waiterId": None}, IN_ORDER),
        ],
    )
    async def test_filters_combine(self, venue: Venue, filters: Json, expected: list[str]) -> None:
        assert ids(await page(venue, TABLES, filters)) == expected

    async def test_page_by_page_across_areas(self, venue: Venue) -> None:
        pages = [found async for found in forward(venue, TABLES, 4)]
        assert [ids(found) for found in pages] == [IN_ORDER[:4], IN_ORDER[4:]]
        back = [found async for found in backward(venue, TABLES, 3, pages[-1]["before"])]
        assert [ids(found) for found in back] == [IN_ORDER[1:4], IN_ORDER[:1]]

    async def test_a_cursor_belongs_to_its_filters(self, venue: Venue) -> None:
        after = (await page(venue, TABLES, limit=1))["after"]
        body = {"areaId": "area_main", "cursor": {"after": after}}
        await venue.refused(400, "POST", TABLES, body)


class TestShapeOfTheSearch:
    async def test_an_array_of_one_page_as_the_specification_says(self, venue: Venue) -> None:
        answer = await venue.ok("POST", TABLES, {"cursor": {"limit": 1}})
        assert len(answer) == 1
        assert set(answer[0]) == {"data", "after"}

    @pytest.mark.slow
    async def test_or_the_page_itself_for_whoever_wants_that(
        self, database: Database, database_url: str, tmp_path: Path
    ) -> None:
        log = tmp_path / "server.log"
        async with (
            running_server(database_url, log, tables_search_shape="page") as server,
            make_venue(database, server) as venue,
            # Past the venue's own client, which holds every answer to the specification.
            httpx.AsyncClient(auth=venue.client.auth) as client,
        ):
            answer = (await client.post(f"{server.base_url}{TABLES}", json={})).json()
        assert ids(answer) == IN_ORDER
