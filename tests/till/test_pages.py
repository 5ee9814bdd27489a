"""The requests of docs/till/*.md, sent as they stand there, each page in a venue of its own."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from epos.domain.credentials import Role
from epos.till import app
from epos.web.route_table import contract_routes
from tests.support.clock import freeze
from tests.support.venues import Venue

Json = dict[str, Any]
PAGES = sorted((Path(__file__).resolve().parents[2] / "docs" / "till").glob("*.md"))
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
ROUTES = [(path, route) for path, route, _ in contract_routes(app.build_api(), app.PREFIX)]
_KINDS = {"ord": "tabId", "pty": "partyId", "rsv": "reservationId"}


def requests_of(page: Path) -> list[str]:
    return re.findall(r"```http\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def speaker(venue: Venue, method: str, path: str) -> Venue:
    """The till, or the one who sets the venue up where a till may not."""
    for known, route in ROUTES:
        pattern = re.sub(r"{\w+}", "[^/]+", known)
        if method in (route.methods or ()) and re.fullmatch(pattern, path.partition("?")[0]):
            return venue.till if Role.TILL in route.arguments.roles else venue.admin
    raise AssertionError(f"no operation: {method} {path}")


def remember(names: dict[str, str], answer: Any) -> None:
    """The ids in an answer, by the names that later requests use."""
    if not isinstance(answer, dict):
        return
    for part in ("taken", "tab"):
        remember(names, answer.get(part))
    kind = _KINDS.get(str(answer.get("id"))[:3])
    if kind is not None:
        if kind == "tabId" and names.get(kind) != answer["id"]:
            names["otherTabId"] = names.get(kind, "")
        names[kind] = answer["id"]
    for parts, name in (("lines", "lineId"), ("payments", "paymentId")):
        if answer.get(parts):
            names[name] = answer[parts][-1]["id"]
    if "day" in answer:
        names["day"] = answer["day"]


@each_page
def test_it_is_short(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= 150


@each_page
async def test_its_requests_are_answered_as_it_says(page: Path, bistro: Venue) -> None:
    await freeze(bistro, "2026-12-01T12:00+00:00")  # the pages have dates
    names: dict[str, str] = {}
    sent = requests_of(page)
    assert sent, "a page shows at least one request"
    for request in sent:
        first, _, body = re.sub(r"{(\w+)}", lambda name: names[name[1]], request).partition("\n")
        line, _, status = first.partition(" # ")
        method, path = line.split()
        answer = await speaker(bistro, method, path).call(
            method, path, json.loads(body) if body.strip() else None, waiter_id="anna"
        )
        assert answer.status_code == int(status or 200), f"{request}\n{answer.text}"
        if answer.headers.get("content-type") == "application/json":
            remember(names, answer.json())
