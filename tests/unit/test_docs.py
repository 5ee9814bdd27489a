"""The documents name what exists: settings, commands, links, diagrams, dependencies."""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from packaging.requirements import Requirement

from epos.commands.app import app
from epos.contract.operations import OPERATIONS
from epos.domain.order_status import CLOSED, OrderStatus, may_follow
from epos.domain.payment_rules import status_after
from epos.domain.payments import IntentStatus, PaymentStatus
from epos.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.md")]
)
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
# EPOS_* variables that the server does not read, and the file that does.
OTHER_VARIABLES = {
    "EPOS_CHECK_PASSWORD": "src/epos/commands/check.py",
    "EPOS_CHECK_USERNAME": "src/epos/commands/check.py",
    "EPOS_CITUS_CONNECT": "tests/support/cluster.py",
    "EPOS_CITUS_DIR": "tests/support/cluster.py",
    "EPOS_CONTRACT_DIR": "tests/support/contract.py",
    "EPOS_DB_PASSWORD": "docker-compose.yml",
    "EPOS_PUBLISH": "docker-compose.yml",
    "EPOS_SIMULATOR_URL": "src/epos/commands/simulate.py",
}
each_document = pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)


def text(name: str | Path) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(name: str, first_cell: str) -> list[list[str]]:
    """The cells of all table rows whose first cell matches."""
    tables = [line for line in text(name).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in tables]
    return [row for row in cells if re.fullmatch(first_cell, row[0])]


def without_code(markdown: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", markdown, flags=re.DOTALL)


def code_lines(markdown: str) -> Iterator[str]:
    """Every line of code, those in a text included; continued lines are one."""
    for block in re.findall(r"```[a-z]*\n(.*?)```", markdown, flags=re.DOTALL):
        yield from re.sub(r"\\\n\s*", "", block).splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", markdown, flags=re.DOTALL))


# --- settings -------------------------------------------------------------------------------------


def documented_settings() -> dict[str, list[str]]:
    """Variable to flag, default and values, without the quotes."""
    found = rows("docs/settings.md", r"`EPOS_\w+`")
    return {row[0].strip("`"): [cell.strip("`") for cell in row[1:]] for row in found if row[3:]}


def test_every_setting_is_documented_and_no_other() -> None:
    fields = {f"EPOS_{name.upper()}" for name in Settings.model_fields}
    assert set(documented_settings()) == fields
    assert fields == set(re.findall(r"\*\*`(EPOS_\w+)`\*\*[:,]", text("docs/settings.md")))


def test_documented_defaults_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"EPOS_{name.upper()}", raising=False)
    defaults = Settings().model_dump(mode="json")
    checked = 0
    for row in rows("docs/settings.md", r"`EPOS_\w+`"):
        value = defaults.get(row[0].strip("`").removeprefix("EPOS_").lower())
        if value is not None and len(row) > 2:
            assert row[2].strip("`") == str(value).lower(), row
            checked += 1
    assert checked >= 4


def test_documented_flags_are_those_of_serve() -> None:
    flags = {row[0] for row in documented_settings().values()} - {"none"}
    options = {option for option in options_of(["serve"]) if not option.startswith("--no-")}
    assert flags == options - {"--help"}


@each_document
def test_no_document_names_a_variable_that_nobody_reads(path: Path) -> None:
    known = {f"EPOS_{name.upper()}" for name in Settings.model_fields} | OTHER_VARIABLES.keys()
    assert set(re.findall(r"\bEPOS_[A-Z][A-Z_]*[A-Z]\b", text(path))) <= known


@pytest.mark.parametrize(("variable", "file"), OTHER_VARIABLES.items())
def test_other_variables_are_read_where_we_say(variable: str, file: str) -> None:
    assert variable in text(file)


# --- commands -------------------------------------------------------------------------------------


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", text("Makefile"), re.MULTILINE))


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words name, and the words left over."""
    command: Any = typer.main.get_command(app)
    words = list(words)
    while hasattr(command, "commands"):
        if not words or words[0].startswith("-"):
            return command, words
        assert words[0] in command.commands, f"epos {words[0]}"
        command = command.commands[words.pop(0)]
    return command, words


def options_of(words: list[str]) -> set[str]:
    command, _ = command_of(words)
    named = (names for option in command.params for names in (option.opts, option.secondary_opts))
    return {name for names in named for name in names if name.startswith("--")} | {"--help"}


@each_document
def test_every_make_target_exists(path: Path) -> None:
    calls = [re.findall(r"(?:^|\s)make ([a-z][a-z-]*)\b", line) for line in code_lines(text(path))]
    assert {target for found in calls for target in found} <= make_targets()


@each_document
def test_every_command_and_its_options_exist(path: Path) -> None:
    for line in code_lines(text(path)):
        call = re.search(r"(?:^|\s|bin/)epos ((?:[a-z]+|--)(?![a-z]*:).*)", line)
        if call is None or "=" in call[1].split()[0]:
            continue
        words = shlex.split(call[1])
        sent = {word for word in words if word.startswith("--")}
        assert sent <= options_of(words), line


def test_the_readme_has_the_two_commands_and_the_first_success() -> None:
    lines = [line.strip() for line in code_lines(text("README.md"))]
    assert "make serve" in lines
    assert "make test" in lines
    assert any(line.startswith("curl -u demo:demo http://127.0.0.1:8080/v1/") for line in lines)
    assert any(line.startswith(".venv/bin/epos demo pay") for line in lines)


# --- links ----------------------------------------------------------------------------------------


def anchors(path: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", without_code(text(path)), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
    }


@each_document
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", without_code(text(path))):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        assert not anchor or anchor in anchors(target), link


def test_every_document_can_be_found_from_the_readme() -> None:
    seen, ahead = set[Path](), [ROOT / "README.md"]
    while ahead:
        path = ahead.pop()
        if path in seen or path.suffix != ".md":
            continue
        seen.add(path)
        links = re.findall(r"\]\(([^)\s#]+)", without_code(text(path)))
        ahead += [(path.parent / link).resolve() for link in links if ":" not in link]
    assert [path for path in DOCUMENTS if path not in seen] == []


# --- what else can be compared --------------------------------------------------------------------


def edges(document: str) -> set[tuple[str, str]]:
    (diagram,) = re.findall(r"```mermaid\n(.*?)```", text(document), flags=re.DOTALL)
    return set(re.findall(r"^\s*(\w+) --> (\w+)", diagram, re.MULTILINE))


def test_the_diagram_of_the_orders_status_is_the_code() -> None:
    """Drawn are the steps; steps forward may be skipped, and `Open` is every open status."""
    opened = [status for status in OrderStatus if status not in CLOSED]
    allowed, steps = set[tuple[str, str]](), set[tuple[str, str]]()
    for start, end in edges("docs/orders.md"):
        if start == "Open":
            allowed |= {(status, end) for status in opened}
        elif start == OrderStatus.FINALIZED:
            allowed.add((start, end))
        else:
            steps.add((start, end))
    while more := {(a, d) for a, b in steps for c, d in steps if b == c} - steps:
        steps |= more
    pairs = {(a, b) for a in OrderStatus for b in OrderStatus if may_follow(a, b)}
    assert allowed | steps == {(str(a), str(b)) for a, b in pairs}


def test_the_diagram_of_the_ledger_is_the_code() -> None:
    moves = {
        (str(current), str(following))
        for current in PaymentStatus
        for heard in IntentStatus
        if (following := status_after(current, heard)) is not None
    }
    assert edges("docs/payments.md") == moves


def test_the_registration_names_every_capability() -> None:
    (body,) = re.findall(
        r"<<'END'\n(\{.*?\n\})\nEND", text("docs/dojo-sandbox.md"), flags=re.DOTALL
    )
    registration = json.loads(body)
    assert registration.keys() == {"url", "auth", "capabilities"}
    assert registration["capabilities"] == [
        {"name": name, "version": operation.version}
        for operation in OPERATIONS
        for name in operation.registrable_names
    ]
    older = {row[0]: row[1] for row in rows("docs/dojo-sandbox.md", r"`\w+`")}
    for operation in OPERATIONS:
        for name in operation.older_names:
            assert older[f"`{operation.capability}`"] == f"`{name}`"


def test_products_use_what_the_registry_says() -> None:
    for product in {product for operation in OPERATIONS for product in operation.products}:
        ((_, listed),) = rows("docs/dojo-sandbox.md", re.escape(product))
        names = [operation.capability for operation in OPERATIONS if product in operation.products]
        assert listed == ", ".join(f"`{name}`" for name in names)


def test_every_dependency_is_explained_and_no_other() -> None:
    groups = [PYPROJECT["project"]["dependencies"], *PYPROJECT["dependency-groups"].values()]
    declared = [Requirement(line).name for group in groups for line in group]
    explained = [row[0].strip("`") for row in rows("docs/dependencies.md", r"`[\w-]+`")]
    assert sorted(explained) == sorted(declared)


def test_every_layer_is_in_the_architecture() -> None:
    (layers,) = (
        contract
        for contract in PYPROJECT["tool"]["importlinter"]["contracts"]
        if contract["id"] == "layers"
    )
    names = {
        name.strip(" ()")
        for layer in [*layers["layers"], *layers["exhaustive_ignores"]]
        for name in layer.split("|")
    }
    document = text("ARCHITECTURE.md")
    assert {name for name in names - {"__main__"} if f"**`{name}`**" not in document} == set()


def test_every_decision_is_in_the_list() -> None:
    decisions = sorted(path.name for path in (ROOT / "docs/decisions").glob("0*.md"))
    listed = re.findall(r"\]\((0[\w-]+\.md)\)", text("docs/decisions/README.md"))
    assert listed == decisions
    for name in decisions:
        headings = re.findall(r"^## (.+)$", text(f"docs/decisions/{name}"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences", "Alternatives"], name
