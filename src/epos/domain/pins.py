"""Slow down guessing of waiters' PINs."""

from datetime import timedelta

_FREE = 3
_LONGEST = timedelta(minutes=5)


def wait_after(attempts: int) -> timedelta:
    """How long nobody may try again after so many wrong attempts in a row.

    The first three cost nothing; then the wait doubles, up to five minutes. At 12 guesses an hour, a
    four-digit PIN takes weeks.
    """
    if attempts <= _FREE:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(attempts - _FREE - 1, 30)), _LONGEST)
