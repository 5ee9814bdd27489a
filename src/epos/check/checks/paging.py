"""Follow the pages of a search."""

from collections.abc import Awaitable, Callable
from typing import Any

from epos.check.exchanges import Json
from epos.check.subject import Epos, NotTried

_MOST_PAGES = 200


def page_of(content: Any) -> Json:
    """Over REST a page of tables stands in an array."""
    page = content[0] if isinstance(content, list) and content else content
    if not isinstance(page, dict) or not isinstance(page.get("data"), list):
        raise NotTried("the answer is no page")
    return page


async def all_pages(
    epos: Epos,
    search: str,
    body: Json,
    limit: int = 100,
    between: Callable[[int], Awaitable[None]] | None = None,
) -> list[Json]:
    """Every row, page by page. `between` is done after each page that has a next one."""
    rows: list[Json] = []
    cursor: Json = {"limit": limit}
    number = 0
    while True:
        number += 1
        page = page_of(epos.ready(await epos.ask(search, body | {"cursor": cursor}), search))
        rows += page["data"]
        if not page.get("after"):
            return rows
        ended = page["after"] != cursor.get("after")
        epos.expect(ended, "pages that end", "the same page again, and still a next one")
        cursor = {"limit": limit, "after": page["after"]}
        if between is not None:
            await between(number)
        epos.expect(
            number < _MOST_PAGES, "pages that end", f"{_MOST_PAGES} pages, and still a next one"
        )


def ids_of(rows: list[Json]) -> list[str]:
    return [str(row["id"]) for row in rows]
