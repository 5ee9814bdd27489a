"""The command line, as an operator uses it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.databases import fresh_database
from tests.support.processes import Finished, epos
from tests.support.server import running_server

NO_TABLE = re.compile(r"[│╭╰─╮╯]")


@pytest.fixture(scope="module")
def url(postgresql_url: str) -> Iterator[str]:
    """A database that these commands have for themselves."""
    with fresh_database(postgresql_url) as url:
        yield url


async def done(url: str, *arguments: str) -> str:
    """What a command prints that has to work."""
    finished = await epos(*arguments, database_url=url)
    assert finished.code == 0, finished.errors
    return finished.output


async def refused(url: str, *arguments: str) -> str:
    """The one line of a command that cannot do what is asked."""
    finished = await epos(*arguments, database_url=url)
    assert finished.code == 2, finished.output
    assert finished.output == ""
    (line,) = finished.errors.splitlines()
    assert line.startswith("epos: ")
    return line


class TestHelp:
    async def test_lists_what_can_be_done(self) -> None:
        shown = await epos("--help")
        assert shown.code == 0
        for command in ("serve", "migrate", "seed", "venue", "credential", "openapi"):
            assert re.search(rf"^\W*{command}\b", shown.output, re.MULTILINE), command
        assert "EPOS_*" in shown.output

    @pytest.mark.parametrize("group", [(), ("venue",), ("credential",)])
    async def test_comes_when_nothing_was_asked(self, group: tuple[str, ...]) -> None:
        shown = await epos(*group)
        assert "Usage: " in shown.output + shown.errors
        assert "Traceback" not in shown.errors

    async def test_explains_each_command(self) -> None:
        shown = NO_TABLE.sub("", (await epos("serve", "--help")).output)
        flags = ("host", "port", "data-dir", "database-url", "workers", "log-format", "demo")
        for flag in flags:
            assert f"--{flag}" in shown

    async def test_an_unknown_command_is_named(self) -> None:
        shown = await epos("sevre")
        assert shown.code == 2
        assert "sevre" in shown.errors


async def test_openapi_prints_the_document_that_a_server_shows(
    database_url: str, tmp_path: Path
) -> None:
    printed = await epos("openapi")
    document = json.loads(printed.output)
    assert "/v1/orders/{orderId}" in document["paths"]
    async with (
        running_server(database_url, tmp_path / "server.log", demo="true") as server,
        httpx.AsyncClient(auth=("demo", "demo")) as client,
    ):
        assert (await client.get(f"{server.base_url}/openapi.json")).json() == document


class TestVenues:
    async def test_are_made_and_listed(self, url: str) -> None:
        created = await done(url, "venue", "create", "corner", "--name", "The Corner Café")
        assert "epos credential create corner" in created
        options = ["--currency", "EUR", "--time-zone", "Europe/Dublin"]
        options += ["--access-policy", "assigned"]
        await done(url, "venue", "create", "harbour", "--name", "Harbour", *options)
        listed = [line.split("\t") for line in (await done(url, "venue", "list")).splitlines()]
        assert ["corner", "The Corner Café", "GBP", "Europe/London", "open"] in listed
        assert ["harbour", "Harbour", "EUR", "Europe/Dublin", "assigned"] in listed

    @pytest.mark.parametrize(
        ("arguments", "word"),
        [
            (["UPPER", "--name", "x"], "id"),
            (["fine", "--name", " "], "name"),
            (["fine", "--name", "x", "--currency", "USD"], "currency"),
            (["fine", "--name", "x", "--time-zone", "Mars/Base"], "time_zone"),
        ],
    )
    async def test_what_is_wrong_is_named(self, url: str, arguments: list[str], word: str) -> None:
        assert f"epos: {word} " in await refused(url, "venue", "create", *arguments)

    async def test_an_id_is_taken_once(self, url: str) -> None:
        await done(url, "venue", "create", "twice", "--name", "One")
        assert "twice" in await refused(url, "venue", "create", "twice", "--name", "Other")


class TestCredentials:
    @pytest.fixture
    async def base_url(self, url: str, tmp_path: Path) -> AsyncIterator[str]:
        """A server on the same database."""
        async with running_server(url, tmp_path / "server.log") as server:
            yield server.base_url

    async def test_open_the_door_until_they_are_revoked(self, url: str, base_url: str) -> None:
        await done(url, "venue", "create", "tapas", "--name", "Tapas")
        username, password = _shown(await done(url, "credential", "create", "tapas", "dojo"))
        assert username == "tapas.dojo"
        assert re.fullmatch("[0-9a-f]{64}", password)
        areas = f"{base_url}/v1/areas"
        async with httpx.AsyncClient(auth=(username, password)) as client:
            answer = await client.get(areas)
            assert (answer.status_code, answer.json()) == (200, [])
            await done(url, "credential", "revoke", "tapas", "dojo")
            async with asyncio.timeout(30):
                while (await client.get(areas)).status_code != 401:
                    await asyncio.sleep(0.1)

    async def test_are_shown_once_and_listed_without_secrets(self, url: str) -> None:
        await done(url, "venue", "create", "bistro", "--name", "Bistro")
        _, old = _shown(await done(url, "credential", "create", "bistro", "old"))
        _, till = _shown(await done(url, "credential", "create", "bistro", "till", "--role", "till"))
        await done(url, "credential", "revoke", "bistro", "old")
        listed = await done(url, "credential", "list", "bistro")
        rows = [line.split("\t") for line in listed.splitlines()]
        assert [(row[0], row[1], row[3].split()[0]) for row in rows] == [
            ("bistro.old", "dojo", "revoked"),
            ("bistro.till", "till", "active"),
        ]
        assert old not in listed
        assert till not in listed

    async def test_a_name_is_used_once_even_after_it_was_revoked(self, url: str) -> None:
        await done(url, "venue", "create", "grill", "--name", "Grill")
        await done(url, "credential", "create", "grill", "dojo")
        assert "grill.dojo" in await refused(url, "credential", "create", "grill", "dojo")
        await done(url, "credential", "revoke", "grill", "dojo")
        assert "grill.dojo" in await refused(url, "credential", "create", "grill", "dojo")
        assert "grill.dojo" in await refused(url, "credential", "revoke", "grill", "dojo")

    @pytest.mark.parametrize("command", ["create", "revoke", "list"])
    async def test_belong_to_a_venue(self, url: str, command: str) -> None:
        name = [] if command == "list" else ["dojo"]
        assert "nobody" in await refused(url, "credential", command, "nobody", *name)


def _shown(output: str) -> tuple[str, str]:
    username, password = re.findall(r"^(?:username|password) (\S+)$", output, re.MULTILINE)
    return username, password


async def test_migrating_and_seeding_again_changes_nothing(url: str) -> None:
    for _ in range(2):
        await done(url, "migrate")
        await done(url, "seed")
    listed = await done(url, "venue", "list")
    assert [line for line in listed.splitlines() if line.startswith("demo\t")]


async def test_without_a_server_a_command_starts_postgresql_for_itself(tmp_path: Path) -> None:
    folder = ["--data-dir", str(tmp_path / "data")]
    for arguments in (["migrate"], ["venue", "create", "cellar", "--name", "Cellar"]):
        finished: Finished = await epos(*arguments, *folder)
        assert finished.code == 0, finished.errors
    assert (await epos("venue", "list", *folder)).output.startswith("cellar\tCellar\t")
