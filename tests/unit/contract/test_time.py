"""Times: RFC 3339 with a zone in, UTC with milliseconds out."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from epos.contract.base import format_time, parse_time
from epos.contract.codec import to_wire
from tests.unit.contract.samples import an_order

NOON = datetime(2024, 8, 12, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-08-12T12:00:00Z", NOON),
        ("2024-08-12t12:00:00z", NOON),
        ("2024-08-12T12:00:00-00:00", NOON),
        ("2024-08-12T13:30:00+01:30", NOON),
        ("2024-08-11T12:01:00-23:59", NOON),
        ("2024-08-12T12:00:00.1Z", NOON + timedelta(microseconds=100_000)),
        ("2024-08-12T12:00:00.123456Z", NOON + timedelta(microseconds=123_456)),
        ("2024-08-12T12:00:00.999999999Z", NOON + timedelta(microseconds=999_999)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, 0, 0, 0, 1, UTC)),
        ("9999-12-31T23:59:59.999999Z", datetime(9999, 12, 31, 23, 59, 59, 999_998, UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_accepted(text: str, instant: datetime) -> None:
    assert parse_time(text) == instant
    assert parse_time(text).tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        "2024-08-12T12:00:00",
        "2024-08-12 12:00:00Z",
        "2024-08-12",
        "2024-08-12T12:00Z",
        "2024-08-12T12:00:00.Z",
        "2024-08-12T12:00:00.1234567890Z",
        "2024-08-12T12:00:00,5Z",
        "2024-08-12T12:00:00+0100",
        "2024-08-12T12:00:00+01",
        "2024-08-12T12:00:00+24:00",
        "2024-08-12T12:00:00+01:60",
        "2024-08-12T12:00:00Z\n",
        " 2024-08-12T12:00:00Z",
        "2024-02-30T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-08-12T24:00:00Z",
        "2024-08-12T12:60:00Z",
        "2016-12-31T23:59:60Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "10000-01-01T00:00:00Z",
        "\u0662\u0660\u0662\u0664-08-12T12:00:00Z",
        "",
        1723464000,
        1723464000.5,
        True,
        None,
        NOON.replace(tzinfo=None),
        [],
    ],
)
def test_refused(value: Any) -> None:
    with pytest.raises(PydanticCustomError, match="RFC 3339"):
        parse_time(value)


ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=ZONES)  # noqa: DTZ001


@given(TIMES, st.sampled_from(["seconds", "milliseconds", "microseconds"]))
def test_any_instant_in_any_zone(moment: datetime, precision: str) -> None:
    text = moment.isoformat(timespec=precision)
    assert parse_time(text) == datetime.fromisoformat(text)


@given(TIMES)
def test_answers_are_milliseconds_in_utc(moment: datetime) -> None:
    text = format_time(moment)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    cut = moment - timedelta(microseconds=moment.microsecond % 1000)
    assert parse_time(text) == cut


def test_a_time_without_a_zone_is_never_answered() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        format_time(NOON.replace(tzinfo=None))


def test_on_the_wire() -> None:
    body = to_wire(an_order(createdAt=NOON.astimezone(timezone(timedelta(hours=5)))))
    assert b'"createdAt":"2024-08-12T12:00:00.000Z"' in body
