"""The pytest plugin, as another suite uses it: found by its entry point, nothing to import."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

# As in docs/testing.md and in the README, word for word.
FIRST_TEST = """
def test_table_is_paid(epos):
    tab = epos.tab(table="Table 7", items=["Burger", "Pint of Bitter"])
    epos.terminal.pay(tab, tip=200)
    assert epos.journal.once("RecordOrderPaymentById").body["tipsAmount"]["value"] == 200
    assert tab.reload().payable is False
"""
CAUSES = """
import pytest

from epos.testing import CannotHappen


def test_staff_and_split(epos):
    tab = epos.tab(table="Table 1", items=["Burger", "Soup", "Lager"])
    epos.staff.add(tab, "Lemonade")
    epos.staff.void(tab, "Soup")
    flow = epos.terminal.split(tab, guests=3)
    assert len(flow.payment_intent_ids) == 3
    assert tab.reload().payable is False


def test_reversal_then_cash(epos):
    tab = epos.tab(table="Terrace 1", items=["Burger"])
    epos.terminal.reversal(tab)
    assert tab.reload().payable is True
    epos.staff.cash(tab)
    assert tab.reload().payable is False


def test_events_come_again_in_any_order(epos):
    tab = epos.tab(table="Table 1", items=["Burger"])
    epos.terminal.pay(tab)
    before = tab.reload()
    assert len(epos.dojo.resend(times=3, shuffled=True)) >= 3
    assert tab.reload() == before


def test_bookings_and_phone(epos):
    reservation = epos.desk.reserve(table="Table 3", name="Ada")
    assert epos.desk.seat(reservation).name == "Ada"
    assert epos.party(table="Table 10", name="Grace").covers == 2
    assert epos.reservation(table="Table 6", name="Joan").name == "Joan"
    assert epos.phone.order(table="Table 1", tip=100).outcome == "success"


def test_what_cannot_happen_says_why(epos):
    tab = epos.tab(table="Table 1", items=["Burger"])
    epos.staff.cash(tab)
    with pytest.raises(CannotHappen, match="no such payable order"):
        epos.terminal.pay(tab)
    with pytest.raises(CannotHappen, match="409"):
        epos.staff.add(tab, "Soup")
    with pytest.raises(CannotHappen, match="The menu has no one item 'Unicorn'"):
        epos.tab(items=["Unicorn"])
    with pytest.raises(CannotHappen, match="Dojo has sent no event Refunded"):
        epos.dojo.resend("Refunded")


def test_time(epos):
    stands = epos.clock.freeze()
    assert (epos.clock.advance(3600) - stands).total_seconds() == 3600
    assert epos.clock.now == epos.clock.now


def test_dojo_acts_at_the_time_of_the_venue(epos):
    # Else the lock that the terminal takes would have expired months ago.
    for round in (1, 2):  # Dojo is first asked after the clock was moved, then it knows already
        epos.clock.freeze("2027-06-01T12:00:00Z")
        tab = epos.tab(table="Table 1", items=["Burger"])
        epos.terminal.pay(tab)
        assert tab.reload().payable is False
        locks = epos.journal.entries("CreateOrderLock", order_id=tab.id)
        assert [lock.body["expiry"][:13] for lock in locks] == ["2027-06-01T12"]
        epos.clock.advance(3600)
        booked = epos.desk.reserve(table="Table 3", name="Ada")
        assert booked.startTime.isoformat()[:13] >= "2027-06-01T13"
        epos.reset()


def test_applied_but_no_answer(epos):
    tab = epos.tab(table="Table 1", items=["Burger"])
    fault = epos.fault(
        when="after-commit", action={"cut": True}, capability="RecordOrderPaymentById", times=1
    )
    epos.terminal.pay(tab)
    assert fault.struck == 1
    assert tab.reload().payable is False
    assert len(epos.journal.times(2, "RecordOrderPaymentById")) == 2


def test_snapshot(epos):
    tab = epos.tab(table="Table 1", items=["Burger"])
    kept = epos.snapshot()
    epos.staff.cash(tab)
    epos.restore(kept)
    assert tab.reload().payable is True


@pytest.mark.epos(kind="empty", settings={"name": "The Corner Cafe"})
def test_another_venue(epos):
    assert epos.menu == []
    assert epos.admin.get("/till/v1/profile").json()["name"] == "The Corner Cafe"
    epos.journal.never("RecordOrderPaymentById")
"""
FAILING = """
def test_fails(epos):
    tab = epos.tab(table="Table 1", items=["Burger"])
    epos.staff.cash(tab)
    body = {"paymentIntentId": "pi_1", "paidAmount": {"value": 5, "currencyCode": "GBP"}}
    epos.http.post(f"/v1/orders/{tab.id}/record-payment", json=body)
    epos.journal.once("RecordOrderPaymentById", body={"paidAmount": {"value": 2000}})
"""


def run(folder: Path, text: str, *flags: str) -> subprocess.CompletedProcess[str]:
    """A suite of its own, with nothing of ours but what is installed."""
    (folder / "test_suite.py").write_text(text, "utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environment = kept | {"TMPDIR": str(folder)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *flags]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def is_clean(folder: Path) -> bool:
    """Whether the run has removed what it made for its servers."""
    return not list(folder.glob("epos-pytest-*"))


@pytest.mark.timeout(300)
def test_the_first_test_is_green(tmp_path: Path) -> None:
    done = run(tmp_path, FIRST_TEST)
    assert done.returncode == 0, done.stdout + done.stderr
    assert is_clean(tmp_path)


@pytest.mark.timeout(400)
def test_causes_on_one_server_for_all_workers(tmp_path: Path) -> None:
    done = run(tmp_path, CAUSES, "-n", "2", "--dist", "load")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 passed" in done.stdout
    assert is_clean(tmp_path)


@pytest.mark.timeout(300)
def test_a_failing_test_shows_the_journal_and_what_came_near(tmp_path: Path) -> None:
    done = run(tmp_path, FAILING)
    assert done.returncode == 1
    assert "expected 2000, was 5" in done.stdout
    assert "journal of venue t-" in done.stdout
    assert "(pi_1) -> 409: " in done.stdout


def test_a_suite_that_does_not_ask_starts_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, "def test_nothing():\n    pass\n")
    assert done.returncode == 0
    assert is_clean(tmp_path)
