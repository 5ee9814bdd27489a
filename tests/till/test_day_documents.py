"""A day's report for a spreadsheet, and on paper."""

import csv
import io
from html.parser import HTMLParser

import pytest

from tests.support.days import DAYS, at, close
from tests.support.orders import payment
from tests.support.recording import open_order, record
from tests.support.rows import execute
from tests.support.venues import Venue

DAY = "2026-11-25"
NAMES = ("=HYPERLINK(1)", "+44", "-1", "@sum", "\ttab", '<script>"&', "Zoë, \n2nd")


@pytest.fixture
async def evening(venue: Venue) -> Venue:
    """An evening on which waiters with strange names took tips."""
    await at(venue, f"{DAY} 19:00")
    for number, name in enumerate(NAMES):
        await execute(
            venue, "INSERT INTO waiter (venue_id, id, name) VALUES ($1, $2, $3)", f"w{number}", name
        )
        order_id = await open_order(venue, 1_000, dine_in={"waiterId": f"w{number}"})
        await record(venue, order_id, payment(900, 100 + number))
    return venue


async def document(venue: Venue, form: str) -> tuple[str, str]:
    response = await venue.till.call("GET", f"{DAYS}/{DAY}/report?format={form}")
    assert response.status_code == 200, response.text
    return response.headers["content-type"], response.text


async def rows_of(venue: Venue) -> list[dict[str, str]]:
    kind, text = await document(venue, "csv")
    assert kind == "text/csv; charset=utf-8"
    assert text.endswith("\r\n")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert {len(row) for row in rows} == {7}
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


async def test_a_spreadsheet_has_every_figure(evening: Venue) -> None:
    rows = await rows_of(evening)
    told = await evening.till.ok("GET", f"{DAYS}/{DAY}/report")
    values = {(row["section"], row["of"], row["figure"]): row["value"] for row in rows}
    assert values["day", "", "sales"] == "70.00"
    assert values["day", "", "orders"] == "7"
    assert values["takings", "dojo", "paid"] == "63.00"
    assert values["waiters", "w3", "tips"] == "1.03"
    assert values["reconciliation", "", "owedAtEnd"] == "7.00"
    left = [row for row in rows if (row["section"], row["figure"]) == ("openOrders", "balance")]
    assert len(left) == len(told["openOrders"]["orders"]) == 7
    assert {(row["day"], row["currency"]) for row in rows} == {(DAY, "GBP")}


async def test_a_spreadsheet_calculates_nothing_that_people_wrote(evening: Venue) -> None:
    rows = await rows_of(evening)
    names = [row["value"] for row in rows if row["figure"] == "name"]
    assert names == [f"'{name}" for name in NAMES[:5]] + list(NAMES[5:])


class _Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not [name for name, _ in attrs if name.startswith("on")]
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


async def test_a_page_to_print(evening: Venue) -> None:
    kind, text = await document(evening, "page")
    assert kind == "text/html; charset=utf-8"
    page = _Elements(text)
    assert "script" not in page.tags
    assert set(NAMES) <= set(page.texts)
    assert "£63.00" in page.texts
    assert f"Business day {DAY}, still open" in page.texts
    await close(evening, DAY, counted=5)
    _, closed = await document(evening, "page")
    assert f"Business day {DAY}, closed" in closed


async def test_a_page_has_the_times_of_the_venue(venue: Venue) -> None:
    await at(venue, "2026-07-15 22:30")
    await open_order(venue, 1_000)
    await close(venue, "2026-07-15")
    page = await venue.till.call("GET", f"{DAYS}/2026-07-15/report?format=page")
    assert "2026-07-15 23:30 BST, Max" in _Elements(page.text).texts


async def test_no_other_form(evening: Venue) -> None:
    for query in ("format=pdf", "format=csv&format=page"):
        await evening.till.refused(400, "GET", f"{DAYS}/{DAY}/report?{query}")
