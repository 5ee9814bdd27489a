"""Limits of a request at every door, and how the log shows who asked."""

from epos.domain.errors import Unavailable
from epos.domain.requester import Requester

DEADLINE_SECONDS = 10.0
MOST_BYTES = 1024 * 1024
"""The size of a body, or of a frame."""
_LONGEST_LOGGED = 80


def took_too_long() -> Unavailable:
    """The error of a request that was not answered by its deadline."""
    return Unavailable("The request took too long; sending it again is safe")


def logged(requester: Requester) -> dict[str, str]:
    """Waiter, product and device for the log, cut to 80 characters: each may have 200."""
    sent = (
        ("product", requester.product),
        ("waiter_id", requester.waiter_id),
        ("device_id", requester.device_id),
        ("device_type", requester.device_type),
    )
    return {name: value[:_LONGEST_LOGGED] for name, value in sent if value is not None}
