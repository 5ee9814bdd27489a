"""When a lease is granted and how long it lives, to the microsecond."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epos.domain.errors import InvalidRequest
from epos.domain.locks import CLOCK_SKEW, LONGEST, granted_until, is_live

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
spans = st.timedeltas(timedelta(seconds=-90), timedelta(seconds=90))


def test_clocks_may_differ_by_thirty_seconds() -> None:
    assert timedelta(seconds=30) == CLOCK_SKEW


class TestGrantedUntil:
    @pytest.mark.parametrize("ahead", [TICK, timedelta(seconds=5), LONGEST + CLOCK_SKEW])
    def test_an_expiry_ahead_is_kept_as_it_was_sent(self, ahead: timedelta) -> None:
        assert granted_until(NOW + ahead, NOW) == NOW + ahead

    @pytest.mark.parametrize("past", [timedelta(0), TICK, CLOCK_SKEW - TICK, CLOCK_SKEW])
    def test_one_that_has_just_passed_is_skew(self, past: timedelta) -> None:
        assert granted_until(NOW - past, NOW) == NOW + CLOCK_SKEW

    @pytest.mark.parametrize("past", [CLOCK_SKEW + TICK, timedelta(days=1)])
    def test_an_older_one_is_wrong(self, past: timedelta) -> None:
        with pytest.raises(InvalidRequest) as refused:
            granted_until(NOW - past, NOW)
        assert refused.value.field == "expiry"

    @pytest.mark.parametrize("ahead", [LONGEST + CLOCK_SKEW + TICK, timedelta(days=365)])
    def test_one_beyond_a_day_is_wrong(self, ahead: timedelta) -> None:
        with pytest.raises(InvalidRequest, match="at most 24 hours ahead") as refused:
            granted_until(NOW + ahead, NOW)
        assert refused.value.field == "expiry"

    def test_zones_do_not_matter(self) -> None:
        tokyo = timezone(timedelta(hours=9))
        assert granted_until((NOW + TICK).astimezone(tokyo), NOW) == NOW + TICK

    @given(spans)
    def test_what_is_granted_is_live(self, span: timedelta) -> None:
        if span >= -CLOCK_SKEW:
            assert is_live(granted_until(NOW + span, NOW), None, NOW)


class TestIsLive:
    def test_until_the_very_instant_of_its_expiry(self) -> None:
        assert is_live(NOW + TICK, None, NOW)
        assert not is_live(NOW, None, NOW)
        assert not is_live(NOW - TICK, None, NOW)

    @given(spans, spans)
    def test_never_after_its_release(self, expiry: timedelta, release: timedelta) -> None:
        assert not is_live(NOW + expiry, NOW + release, NOW)
