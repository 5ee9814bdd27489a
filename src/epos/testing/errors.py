"""Why a test cannot go on."""


class CannotHappen(AssertionError):
    """What the test asked for cannot happen, and why not: the real system would not do it either."""


class NotInJournal(AssertionError):
    """The journal has not what the test says; the message has the nearest misses and what differs."""


class CannotStart(Exception):
    """A server did not start. The message has its log."""
