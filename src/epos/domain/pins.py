"""PINs of waiters: how guessing is slowed."""

from datetime import timedelta

_FREE = 3
_LONGEST = timedelta(minutes=5)


def wait_after(attempts: int) -> timedelta:
    """How long nobody may try again after so many attempts without a right one.

    A few slips of the finger cost nothing; then each costs double the one before, and in the long run
    12 guesses an hour reach a four-digit PIN in weeks.
    """
    if attempts <= _FREE:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(attempts - _FREE - 1, 30)), _LONGEST)
