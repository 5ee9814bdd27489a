"""The files for Docker Compose name what exists: services, settings, commands. The nodes of a cluster have
the settings that docs/scaling.md tells.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from epos.commands.app import app
from epos.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
CITUS = "docker-compose.citus.yml"
OWN_IMAGE = "epos-server"
NODES = ("coordinator", "worker-1", "worker-2")

Json = dict[str, Any]


def compose(name: str) -> Json:
    found: Json = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return found


def services(name: str) -> dict[str, Json]:
    found: dict[str, Json] = compose(name)["services"]
    return found


OURS = [
    pytest.param(name, service, id=f"{name}:{service}")
    for name in ("docker-compose.yml", CITUS)
    for service, told in services(name).items()
    if told["image"] == OWN_IMAGE
]
each_of_ours = pytest.mark.parametrize(("name", "service"), OURS)


def environment(name: str, service: str) -> dict[str, str]:
    """As a container gets it, with the defaults of what the shell may set."""
    told: dict[str, str] = services(name)[service]["environment"]
    return {key: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value) for key, value in told.items()}


@each_of_ours
def test_every_setting_is_one_of_ours(
    name: str, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {f"EPOS_{field.upper()}" for field in Settings.model_fields} | {"PGPASSWORD"}
    told = environment(name, service)
    assert told.keys() <= known
    for key, value in told.items():
        monkeypatch.setenv(key, value)
    assert Settings().database_url == told["EPOS_DATABASE_URL"]


@each_of_ours
def test_every_command_exists(name: str, service: str) -> None:
    """Without one, the image serves."""
    program, *words = services(name)[service].get("command", ["epos", "serve"])
    command: Any = typer.main.get_command(app)
    assert program == "epos"
    assert set(words) <= command.commands.keys()


@each_of_ours
def test_every_database_is_a_service(name: str, service: str) -> None:
    urls = [value for key, value in environment(name, service).items() if key.endswith("_URL")]
    hosts = [host for url in urls for host in hosts_of(url)]
    assert hosts
    assert set(hosts) <= services(name).keys()


@pytest.mark.parametrize("name", ["docker-compose.yml", CITUS])
def test_whoever_is_waited_for_is_there(name: str) -> None:
    found = services(name)
    for told in found.values():
        for other, how in told.get("depends_on", {}).items():
            assert other in found
            assert ("healthcheck" in found[other]) or how["condition"] != "service_healthy"


def test_the_files_are_two_projects() -> None:
    """`down` of one leaves the other alone."""
    assert compose("docker-compose.yml")["name"] != compose(CITUS)["name"]


@pytest.mark.parametrize("name", ["docker-compose.yml", CITUS])
def test_a_server_starts_again_and_has_time_to_stop(name: str) -> None:
    serving = [told for told in services(name).values() if is_server(told)]
    assert serving
    for told in serving:
        assert told["restart"] == "unless-stopped"
        assert told["stop_grace_period"] == "45s"


def is_server(service: Json) -> bool:
    return service["image"] == OWN_IMAGE and "command" not in service


# --- the cluster ----------------------------------------------------------------------------------


def hosts_of(url: str) -> list[str]:
    """In the order in which they are tried."""
    places = url.partition("@")[2].partition("/")[0]
    return [place.rpartition(":")[0] for place in places.split(",")]


def test_the_nodes_have_the_settings_that_operators_are_told() -> None:
    """But the one that PostgreSQL of that image does not know."""
    page = (ROOT / "docs/scaling.md").read_text(encoding="utf-8")
    block = page.split("in `postgresql.conf`:")[1].split("```")[1]
    lines = [line.split("#") for line in block.strip().splitlines()]
    told = {setting.strip() for setting, *why in lines if not re.search("only where", "".join(why))}
    for node in NODES:
        program, *options = services(CITUS)[node]["command"]
        given = {re.sub("^-c([^=]+)=", r"\1 = ", option) for option in options}
        assert program == "postgres"
        assert given == told


def test_each_node_keeps_its_data_in_a_volume_of_its_own() -> None:
    """Where the image has it: PostgreSQL 17 and older, in this folder."""
    kept = [services(CITUS)[node]["volumes"] for node in NODES]
    assert kept == [[f"{node}:/var/lib/postgresql/data"] for node in NODES]
    assert compose(CITUS)["volumes"].keys() == set(NODES)
    assert all(services(CITUS)[node]["restart"] == "unless-stopped" for node in NODES)


def test_all_nodes_are_joined() -> None:
    asked = "; ".join(services(CITUS)["join"]["entrypoint"])
    named = re.findall(r"citus_(?:set_coordinator_host|add_node)\('([^']+)', 5432\)", asked)
    assert tuple(named) == NODES


def test_each_server_has_a_worker_of_its_own_and_the_coordinators_wake_ups() -> None:
    servers = [environment(CITUS, name) for name in ("server-1", "server-2")]
    ways = [hosts_of(told["EPOS_DATABASE_URL"]) for told in servers]
    assert [way[0] for way in ways] == ["worker-1", "worker-2"]
    assert all(sorted(way) == sorted(NODES) for way in ways)
    notified = [hosts_of(told["EPOS_NOTIFY_DATABASE_URL"]) for told in servers]
    assert notified == [["coordinator"]] * 2
