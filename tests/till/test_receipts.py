"""Receipts with running numbers: without a gap, whoever prints at the same time and whatever fails."""

import asyncio
import re
from typing import Any

import asyncpg
import pytest

from epos.domain.requester import Requester
from epos.services.till.papers import Sheet
from tests.support.counter import end, pay
from tests.support.days import at, close, report
from tests.support.meeting import until_waiting
from tests.support.pins import APPROVAL
from tests.support.rows import execute, fetch
from tests.support.services import WiredServices
from tests.support.tabs import TillTab, open_tab
from tests.support.venues import Venue

TUESDAY, WEDNESDAY = "2026-11-24", "2026-11-25"


async def printed(tab: TillTab, paper: str = "receipt", query: str = "") -> str:
    response = await tab.venue.till.call("GET", f"{tab.path}/{paper}{query}")
    assert response.status_code == 200, response.text
    return response.text


def number_on(paper: str) -> int:
    return int(
        re.findall(r"^ *(?:Receipt|Credit note|Refund receipt) No\. (\d+)$", paper, re.MULTILINE)[0]
    )


def is_copy(paper: str) -> bool:
    return paper.splitlines()[0].strip() == "COPY"


async def paid_tab(venue: Venue, **how: Any) -> TillTab:
    tab = await open_tab(venue, "burger", "cake")
    await pay(tab, **how)
    return tab


class TestTheNumber:
    async def test_each_venue_counts_from_one(self, bistro: Venue, other_venue: Venue) -> None:
        for number in (1, 2, 3):
            assert number_on(await printed(await paid_tab(bistro))) == number
        assert await fetch(other_venue, "SELECT 1 FROM receipt WHERE venue_id = $1") == []

    async def test_the_same_again_is_a_copy_with_the_same_number(self, bistro: Venue) -> None:
        tab = await paid_tab(bistro)
        first = await printed(tab)
        assert not is_copy(first)
        await printed(await paid_tab(bistro))
        await execute(bistro, "UPDATE venue SET name = 'Another Name' WHERE id = $1")
        again = await printed(tab)
        assert is_copy(again)
        assert again.partition("\n")[2] == first, "in the words of the first one"
        page = await bistro.till.call("GET", f"{tab.path}/receipt?format=page")
        assert "COPY" in page.text

    async def test_another_payment_or_another_customer_is_another_receipt(
        self, bistro: Venue
    ) -> None:
        tab = await paid_tab(bistro, amount=500)
        assert "paid in part" in (in_part := await printed(tab))
        await pay(tab)
        whole = await printed(tab)
        ada = "?customerName=Ada&customerAddress=1+Mill+Lane"
        named = await printed(tab, query=ada)
        assert [number_on(one) for one in (in_part, whole, named)] == [1, 2, 3]
        assert number_on(await printed(tab)) == 2
        assert number_on(await printed(tab, query=ada)) == 3

    async def test_what_dojo_says_of_a_card_later_makes_no_new_receipt(self, bistro: Venue) -> None:
        tab = await paid_tab(bistro)
        await printed(tab)
        await execute(bistro, "UPDATE payment SET status = 'captured' WHERE venue_id = $1")
        assert is_copy(await printed(tab))

    async def test_a_credit_note_has_a_number_and_names_the_receipt(self, bistro: Venue) -> None:
        tab = await paid_tab(bistro)
        await printed(tab)
        body = {"amount": 100, "reason": "Cold food", "approval": APPROVAL}
        await tab.do(f"payments/{tab.shown['payments'][0]['id']}/refund", body)
        note = await printed(tab, "refund-receipt")
        assert (number_on(note), is_copy(note)) == (2, False)
        assert "To receipt No. 1, " in note
        assert is_copy(await printed(tab, "refund-receipt"))
        assert number_on(await printed(tab)) == 3, "what is paid is less now"

    async def test_a_credit_note_names_whom_the_invoice_named(self, bistro: Venue) -> None:
        tab = await paid_tab(bistro)
        await printed(tab)
        await printed(tab, query="?customerName=Ada+Lovelace&customerAddress=1+Mill+Lane")
        body = {"amount": 100, "reason": "Cold food", "approval": APPROVAL}
        await tab.do(f"payments/{tab.shown['payments'][0]['id']}/refund", body)
        lines = (await printed(tab, "refund-receipt")).splitlines()
        at = lines.index("To: Ada Lovelace")
        assert lines[at + 1] == "1 Mill Lane"
        other = await paid_tab(bistro)
        await other.do("refund", {"reason": "Cold food", "approval": APPROVAL})
        assert "To: " not in await printed(other, "refund-receipt")

    async def test_a_copy_by_its_number(self, bistro: Venue, other_venue: Venue) -> None:
        first = await printed(await paid_tab(bistro))
        path = "/till/v1/receipts"
        copy = await bistro.till.call("GET", f"{path}/1")
        assert copy.text.partition("\n")[2] == first
        assert "COPY" in (await bistro.till.call("GET", f"{path}/1?format=page")).text
        for unknown in ("2", "0", "01", "one", "1" * 30):
            await bistro.till.refused(404, "GET", f"{path}/{unknown}")
        await other_venue.till.refused(404, "GET", f"{path}/1")
        await bistro.refused(403, "GET", f"{path}/1")

    async def test_whoever_may_not_see_the_tab_gets_no_copy(self, assigned_venue: Venue) -> None:
        await execute(
            assigned_venue,
            """INSERT INTO receipt (venue_id, order_id, kind, at, fingerprint, title, body)
               VALUES ($1, $2, 'receipt', now(), 'f', 'Receipt', 'Secret')""",
            (await open_tab(assigned_venue, tableId="t3")).id,
        )
        path = "/till/v1/receipts/1"
        await assigned_venue.till.refused(404, "GET", path, waiter_id="cleo")
        assert "Secret" in (await assigned_venue.till.call("GET", path)).text

    async def test_no_receipt_changes_or_goes(self, bistro: Venue) -> None:
        await printed(await paid_tab(bistro))
        for change in ("UPDATE receipt SET body = '' WHERE venue_id = $1", "DELETE FROM receipt"):
            with pytest.raises(asyncpg.PostgresError):
                await execute(bistro, change if "$1" in change else f"{change} WHERE venue_id = $1")


async def test_a_closed_day_keeps_its_numbers(bistro: Venue) -> None:
    await at(bistro, f"{TUESDAY} 20:00")
    early, late = await paid_tab(bistro), await paid_tab(bistro)
    assert (await report(bistro, TUESDAY))["receipts"] == {"count": 0}
    await printed(early)
    first = await printed(late)
    assert (await close(bistro, TUESDAY))["receipts"] == {"count": 2, "first": 1, "last": 2}
    await at(bistro, f"{WEDNESDAY} 12:00")
    again = await printed(late)
    assert (is_copy(again), number_on(again)) == (True, 2)
    assert again.partition("\n")[2] == first
    await end(late, late.shown["payments"][0])
    assert number_on(await printed(late, "refund-receipt")) == 3
    assert (await report(bistro, WEDNESDAY))["receipts"] == {"count": 1, "first": 3, "last": 3}
    assert (await report(bistro, TUESDAY))["receipts"]["count"] == 2
    page = await bistro.till.call("GET", f"/till/v1/days/{TUESDAY}/report?format=page")
    assert "No. 1 to 2" in page.text


class TestAtTheSameTime:
    async def test_many_tills_print_and_some_fail(
        self, bistro: Venue, services: WiredServices, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Every third transaction ends after it was given its number."""
        tabs = [await paid_tab(bistro) for _ in range(12)]
        receipts, real = services.till.receipts, services.database._attempt
        calls = 0

        async def failing(venue_id: str, work: Any, ends: float) -> Any:
            nonlocal calls
            calls += 1
            fails = calls % 3 == 0

            async def then_fail(store: Any) -> Any:
                sheet = await work(store)
                if fails:
                    raise LookupError("the printer is on fire")
                return sheet

            return await real(venue_id, then_fail, ends)

        monkeypatch.setattr(services.database, "_attempt", failing)
        requester = Requester(bistro.id, "till", "trace-of-a-test")
        wanted = [receipts.receipt(tab.id, requester) for tab in tabs for _ in range(3)]
        papers = await asyncio.gather(*wanted, return_exceptions=True)
        monkeypatch.undo()
        papers += [await receipts.receipt(tab.id, requester) for tab in tabs]
        assert any(isinstance(paper, LookupError) for paper in papers)
        sheets = [paper.text for paper in papers if isinstance(paper, Sheet)]
        originals = sorted(number_on(sheet) for sheet in sheets if not is_copy(sheet))
        assert originals == list(range(1, len(tabs) + 1)), "no gap, no number twice"
        assert {number_on(sheet) for sheet in sheets} == set(originals)
        assert services.database.ends[asyncpg.DeadlockDetectedError] == 0

    async def test_nobody_who_pays_waits_for_who_prints(
        self, bistro: Venue, services: WiredServices
    ) -> None:
        """A transaction has the venue's newest number and does not end."""
        tab, other = await paid_tab(bistro), await paid_tab(bistro)
        requester = Requester(bistro.id, "till", "trace-of-a-test")
        database = services.database
        async with database.connection() as slow, database.connection() as watcher:
            await slow.execute("BEGIN")
            await slow.execute(
                """INSERT INTO receipt (venue_id, order_id, kind, at, fingerprint, title, body)
                   VALUES ($1, $2, 'receipt', now(), 'f', 'Receipt', '')""",
                bistro.id,
                tab.id,
            )
            waiting = asyncio.ensure_future(services.till.receipts.receipt(other.id, requester))
            await until_waiting(watcher, 1)
            paid = await paid_tab(bistro)
            assert paid.shown["balance"] == 0
            await slow.execute("ROLLBACK")
        assert number_on((await waiting).text) == 1, "the number that nobody got"
