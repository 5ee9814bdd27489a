"""Now, and now as the wire writes it."""

from datetime import UTC, datetime, timedelta

from epos.contract.base import format_time


def now_text() -> str:
    return format_time(datetime.now(UTC))


def in_seconds(seconds: float) -> str:
    """A moment from now: the expiry of a lock, the start of a reservation."""
    return format_time(datetime.now(UTC) + timedelta(seconds=seconds))
