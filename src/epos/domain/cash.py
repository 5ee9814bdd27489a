"""Money over the counter, in whole minor units."""

from epos.domain.errors import InvalidRequest


def change(due: int, tip: int, tendered: int) -> int:
    """What the guest gets back. Raises InvalidRequest where too little is tendered."""
    for field, amount in (("due", due), ("tip", tip)):
        if amount < 0:
            raise InvalidRequest(field, "must not be less than 0")
    if tendered < due + tip:
        raise InvalidRequest("tendered", f"must be at least {due + tip}")
    return tendered - due - tip
