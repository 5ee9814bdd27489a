"""What the report of a day lists one by one."""

from epos.contract.base import Answer, Time


class Incident(Answer):
    """Something that was taken off, given away, given back or opened again. Amounts are minor units."""

    kind: str
    """`void`, `discount`, `comp` (a discount that left nothing), `cancel`, `refund`, `correct` (a payment
    entered by mistake, or a tip corrected), `reopen`, `break-lock`, or `after-bill`: taken off after a
    guest saw the bill, however it was done.
    """
    tabId: str
    """The id of the tab or order."""
    reference: str
    """Its short code for people."""
    table: str | None = None
    """The name of its table."""
    amount: int
    """What was taken off or given back. `cancel` and `reopen`: what the order came to. `break-lock`: what
    was left to pay.
    """
    count: int | None = None
    """How many items were voided."""
    reason: str | None = None
    """Why, in the words of staff. For a discount, its name."""
    by: str | None = None
    """The name of the waiter who did it. Absent: Dojo, or nobody was named."""
    approvedBy: str | None = None
    """The name of the manager who approved it."""
    at: Time
    """When."""
