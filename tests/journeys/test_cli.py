"""The command line, as an operator uses it."""

import asyncio
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from typer.testing import CliRunner

from epos.commands.app import app
from tests.support import layouts
from tests.support.cluster import through_coordinator
from tests.support.databases import fresh_database, with_database
from tests.support.processes import Finished, epos
from tests.support.server import RunningServer, running_server

pytestmark = pytest.mark.slow

NO_TABLE = re.compile(r"[│╭╰─╮╯]")


@pytest.fixture(scope="module")
def url(postgresql_url: str) -> Iterator[str]:
    """A database that these commands have for themselves. Some of them migrate it."""
    with fresh_database(postgresql_url) as url:
        yield through_coordinator(url)


def run(*arguments: str, typed: str = "", **settings: str) -> Finished:
    """A command in this process, which is quicker than a process for each. It hears of no settings but
    these, though the tests themselves may be told of a database.
    """
    variables: dict[str, str | None] = {
        name: None for name in os.environ if name.startswith("EPOS_")
    }
    variables |= {f"EPOS_{name.upper()}": text for name, text in settings.items()}
    result = CliRunner().invoke(app, arguments, input=typed, env=variables)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Finished(result.exit_code, result.stdout, result.stderr)


def done(url: str, *arguments: str) -> str:
    """What a command prints that has to work."""
    finished = run(*arguments, database_url=url)
    assert finished.code == 0, finished.errors
    return finished.output


def refused(url: str, *arguments: str) -> str:
    """The one line of a command that cannot do what is asked."""
    finished = run(*arguments, database_url=url)
    assert finished.code == 2, finished.output
    assert finished.output == ""
    (line,) = finished.complaint.splitlines()
    assert line.startswith("epos: ")
    return line


class TestHelp:
    def test_lists_what_can_be_done(self) -> None:
        shown = run("--help")
        assert shown.code == 0
        for command in ("serve", "migrate", "seed", "venue", "credential", "openapi"):
            assert re.search(rf"^\W*{command}\b", shown.output, re.MULTILINE), command
        assert "EPOS_*" in shown.output

    @pytest.mark.parametrize("group", [(), ("venue",), ("credential",)])
    def test_comes_when_nothing_was_asked(self, group: tuple[str, ...]) -> None:
        shown = run(*group)
        assert "Usage: " in shown.output + shown.errors
        assert "Traceback" not in shown.errors

    def test_explains_each_command(self) -> None:
        shown = NO_TABLE.sub("", run("serve", "--help").output)
        flags = ("host", "port", "data-dir", "database-url", "workers", "log-format", "demo")
        for flag in flags:
            assert f"--{flag}" in shown

    def test_an_unknown_command_is_named(self) -> None:
        shown = run("sevre")
        assert shown.code == 2
        assert "sevre" in shown.errors


async def test_openapi_prints_the_document_that_a_server_shows(
    database_url: str, tmp_path: Path
) -> None:
    document = json.loads(run("openapi").output)
    assert "/v1/orders/{orderId}" in document["paths"]
    async with (
        running_server(database_url, tmp_path / "server.log", demo="true") as server,
        httpx.AsyncClient(auth=("demo", "demo")) as client,
    ):
        assert (await client.get(f"{server.base_url}/openapi.json")).json() == document


class TestVenues:
    def test_are_made_and_listed(self, url: str) -> None:
        created = done(url, "venue", "create", "corner", "--name", "The Corner Café")
        assert "epos credential create corner" in created
        options = ["--currency", "EUR", "--time-zone", "Europe/Dublin"]
        options += ["--access-policy", "assigned"]
        done(url, "venue", "create", "harbour", "--name", "Harbour", *options)
        listed = [line.split("\t") for line in (done(url, "venue", "list")).splitlines()]
        assert ["corner", "The Corner Café", "GBP", "Europe/London", "open"] in listed
        assert ["harbour", "Harbour", "EUR", "Europe/Dublin", "assigned"] in listed

    @pytest.mark.parametrize(
        ("arguments", "word"),
        [
            (["UPPER", "--name", "x"], "id"),
            (["fine", "--name", " "], "name"),
            (["fine", "--name", "x" * 101], "name"),
            (["fine", "--name", "The\nCrown"], "name"),
            (["fine", "--name", "x", "--currency", "USD"], "currency"),
            (["fine", "--name", "x", "--time-zone", "Mars/Base"], "time_zone"),
            (["fine", "--name", "x", "--time-zone", "localtime"], "time_zone"),
        ],
    )
    def test_what_is_wrong_is_named(self, url: str, arguments: list[str], word: str) -> None:
        assert f"epos: {word} " in refused(url, "venue", "create", *arguments)

    def test_an_id_is_taken_once(self, url: str) -> None:
        done(url, "venue", "create", "twice", "--name", "One")
        assert "twice" in refused(url, "venue", "create", "twice", "--name", "Other")


class TestCredentials:
    async def test_open_the_door_until_they_are_revoked(
        self, database_url: str, server: RunningServer
    ) -> None:
        """Against a running server, by commands in processes of their own."""
        venue = f"tapas-{os.getpid()}"
        await epos("venue", "create", venue, "--name", "Tapas", database_url=database_url)
        made = await epos("credential", "create", venue, "dojo", database_url=database_url)
        username, password = _shown(made.output)
        assert username == f"{venue}.dojo"
        assert re.fullmatch("[0-9a-f]{64}", password)
        areas = f"{server.base_url}/v1/areas"
        async with httpx.AsyncClient(auth=(username, password)) as client:
            answer = await client.get(areas)
            assert (answer.status_code, answer.json()) == (200, [])
            await epos("credential", "revoke", venue, "dojo", database_url=database_url)
            async with asyncio.timeout(30):
                while (await client.get(areas)).status_code != 401:
                    await asyncio.sleep(0.1)

    def test_are_shown_once_and_listed_without_secrets(self, url: str) -> None:
        done(url, "venue", "create", "bistro", "--name", "Bistro")
        _, old = _shown(done(url, "credential", "create", "bistro", "old"))
        _, till = _shown(done(url, "credential", "create", "bistro", "till", "--role", "till"))
        done(url, "credential", "revoke", "bistro", "old")
        listed = done(url, "credential", "list", "bistro")
        rows = [line.split("\t") for line in listed.splitlines()]
        assert [(row[0], row[1], row[3].split()[0]) for row in rows] == [
            ("bistro.old", "dojo", "revoked"),
            ("bistro.till", "till", "active"),
        ]
        assert old not in listed
        assert till not in listed

    def test_a_name_is_used_once_even_after_it_was_revoked(self, url: str) -> None:
        done(url, "venue", "create", "grill", "--name", "Grill")
        done(url, "credential", "create", "grill", "dojo")
        assert "grill.dojo" in refused(url, "credential", "create", "grill", "dojo")
        done(url, "credential", "revoke", "grill", "dojo")
        assert "grill.dojo" in refused(url, "credential", "create", "grill", "dojo")
        assert "grill.dojo" in refused(url, "credential", "revoke", "grill", "dojo")

    @pytest.mark.parametrize("name", ["cli", "serve", "dojo-link"])
    def test_none_is_called_as_the_trail_calls_the_server(self, url: str, name: str) -> None:
        assert "audit trail" in refused(url, "credential", "create", "demo", name)

    @pytest.mark.parametrize("command", ["create", "revoke", "list"])
    def test_belong_to_a_venue(self, url: str, command: str) -> None:
        name = [] if command == "list" else ["dojo"]
        assert "nobody" in refused(url, "credential", command, "nobody", *name)


def _shown(output: str) -> tuple[str, str]:
    username, password = re.findall(r"^(?:username|password) (\S+)$", output, re.MULTILINE)
    return username, password


def test_migrating_and_seeding_again_changes_nothing(url: str) -> None:
    for _ in range(2):
        done(url, "migrate")
        done(url, "seed")
    listed = done(url, "venue", "list")
    assert [line for line in listed.splitlines() if line.startswith("demo\t")]


@pytest.mark.parametrize("command", [("venue", "list"), ("migrate",), ("seed",)])
def test_a_database_that_is_not_there_is_one_line(
    postgresql_url: str, command: tuple[str, ...]
) -> None:
    nowhere = with_database(postgresql_url, "nowhere")
    assert 'database "nowhere" does not exist' in refused(nowhere, *command)


@pytest.mark.parametrize("command", [("venue", "list"), ("credential", "create", "demo", "x")])
def test_a_database_that_was_never_migrated_is_one_line(
    postgresql_url: str, command: tuple[str, ...]
) -> None:
    assert "run `epos migrate`" in refused(with_database(postgresql_url, "postgres"), *command)


def test_a_revision_that_is_not_there_is_one_line(url: str) -> None:
    assert "'nonsense'" in refused(url, "migrate", "nonsense")


NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
DOJO = {"dojo_software_house_id": "house"}
WORKING_ON_A_DATABASE = {
    "venue create": ("cellar", "--name", "Cellar"),
    "venue list": (),
    "venue export": ("cellar",),
    "venue import": ("cellar", "{layout}"),
    "venue move": ("cellar",),
    "credential create": ("cellar", "dojo"),
    "credential list": ("cellar",),
    "credential revoke": ("cellar", "dojo"),
    "bill": ("ord_nothing", "--venue", "cellar"),
    "seed": (),
    "dojo register": ("--venue", "cellar"),
    "dojo status": ("--venue", "cellar"),
    "dojo payments": ("--venue", "cellar"),
    "dojo outbox list": ("--venue", "cellar"),
    "dojo outbox retry": ("--venue", "cellar"),
    "dojo outbox discard": ("--venue", "cellar", "--all"),
    "dojo link set": ("cellar",),
    "dojo link remove": ("cellar",),
    "dojo link list": (),
}
NO_VENUE = {"venue list", "dojo link list"}
MAKES_DATA = {"serve", "migrate"}


def commands_of(group: Any, *path: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_of(command, *path, name)
        else:
            yield " ".join((*path, name)), command


def test_these_are_the_commands_that_work_on_a_database() -> None:
    found = {
        name
        for name, command in commands_of(typer.main.get_command(app))
        if any(parameter.name == "database_url" for parameter in command.params)
    }
    assert found == WORKING_ON_A_DATABASE.keys() | MAKES_DATA


@pytest.fixture
def written_out(tmp_path: Path) -> Callable[[str], list[str]]:
    layout = tmp_path / "layout.json"
    layout.write_text(json.dumps(layouts.small()))

    def command(name: str) -> list[str]:
        arguments = [part.format(layout=layout) for part in WORKING_ON_A_DATABASE[name]]
        return [*name.split(), *arguments]

    return command


@pytest.mark.parametrize("name", WORKING_ON_A_DATABASE)
def test_each_command_says_what_it_acts_on_before_it_does(
    written_out: Callable[[str], list[str]], name: str
) -> None:
    """Nothing listens there: it has said so before it tried."""
    finished = run(*written_out(name), typed="sk_sandbox_x\n", database_url=NOWHERE, **DOJO)
    assert finished.code == 2
    first, _ = finished.errors.splitlines()
    venue = "" if name in NO_VENUE else f", venue {'demo' if name == 'seed' else 'cellar'}"
    assert first == f"epos: using the database {NOWHERE}{venue}"


@pytest.mark.parametrize("name", WORKING_ON_A_DATABASE)
def test_no_command_makes_the_data_of_a_server_that_is_elsewhere(
    written_out: Callable[[str], list[str]], tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "wrong"
    finished = run(*written_out(name), typed="sk_sandbox_x\n", data_dir=str(folder), **DOJO)
    assert finished.code == 2
    assert f"there is no data in {folder}" in finished.errors
    assert not folder.exists()


async def test_without_a_server_a_command_starts_postgresql_for_itself(tmp_path: Path) -> None:
    folder = str(tmp_path / "data")
    for arguments in (["migrate"], ["venue", "create", "cellar", "--name", "Cellar"]):
        finished = await epos(*arguments, data_dir=folder)
        assert finished.code == 0, finished.errors
    assert (await epos("venue", "list", data_dir=folder)).output.startswith("cellar\tCellar\t")


def test_a_command_says_what_it_acts_on_before_it_does(url: str) -> None:
    named = f"{url}{'&' if '?' in url else '?'}password=not-to-be-shown"
    made = run("venue", "create", "the-oak", "--name", "The Oak", database_url=named)
    (line,) = made.errors.splitlines()
    assert line.startswith("epos: using the database postgresql://")
    assert line.endswith(", venue the-oak")
    assert "not-to-be-shown" not in made.errors
    listed = run("venue", "list", database_url=url)
    assert "venue " not in listed.errors
    assert "using" not in listed.output, "what is piped on has only the answer"


async def test_a_command_names_its_data_folder(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    finished = await epos("migrate", data_dir=str(folder))
    assert finished.errors.splitlines()[0] == f"epos: using the data folder {folder}"
