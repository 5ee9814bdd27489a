"""Refuse PINs that everybody tries first, and slow down guessing."""

from datetime import timedelta

_FREE = 3
FIRST_DELAYED = _FREE + 1
"""The wrong attempt after which the next one has to wait."""
_LONGEST = timedelta(minutes=5)
_OFTEN = frozenset({"1004", "1122", "1313", "2580", "0852", "5683", "1379", "112233", "159753"})
_UP, _DOWN = "01234567890123456789012", "98765432109876543210987"


def wait_after(attempts: int) -> timedelta:
    """How long nobody may try again after so many wrong attempts in a row.

    The first three cost nothing; then the wait doubles, up to five minutes. At 12 guesses an hour, a
    four-digit PIN takes weeks.
    """
    if attempts <= _FREE:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(attempts - _FREE - 1, 30)), _LONGEST)


def is_common(pin: str) -> bool:
    """Whether it is among the first that somebody who guesses tries: one digit or pair repeated, digits
    in a row, a year, or one that many people choose.
    """
    repeats = any(pin == pin[:size] * (len(pin) // size) for size in (1, 2, 3) if size < len(pin))
    is_year = len(pin) == 4 and pin[:2] in ("19", "20")
    return repeats or pin in _UP or pin in _DOWN or is_year or pin in _OFTEN
