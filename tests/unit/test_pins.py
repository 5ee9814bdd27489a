"""What the counts of PINs add up to for somebody who guesses without end."""

from datetime import UTC, datetime, timedelta

import pytest

from epos.domain.pins import Count, Scope

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("scope", "within_a_day"),
    [(Scope.DEVICE, 300), (Scope.WAITER, 350), (Scope.CREDENTIAL, 5_500), (Scope.VENUE, 16_000)],
)
def test_a_day_of_guessing_without_a_pause(scope: Scope, within_a_day: int) -> None:
    """Ten thousand PINs of one waiter take a month, with however many devices."""
    now, guesses = START, 0
    count = Count(scope, now, now)
    while now < START + timedelta(days=1):
        count = count.at(now)
        if wait := count.wait(now):
            now += wait
            continue
        count = count.begin()
        count = count.end(count.tried, now, is_right=False)
        guesses += 1
    assert within_a_day * 0.9 < guesses <= within_a_day


def test_whoever_signs_in_all_day_gives_nobody_guesses() -> None:
    count = Count(Scope.WAITER, START, START)
    wrong = 0
    for minute in range(120):
        now = START + timedelta(minutes=minute)
        for is_right in (True, False):
            count = count.at(now)
            if not count.wait(now):
                count = count.begin()
                count = count.end(count.tried, now, is_right=is_right)
                wrong += not is_right
    assert wrong <= 50 + 120 / 2
