"""Areas of a venue."""

from epos.contract.base import Answer


class Area(Answer):
    """A part of the venue with tables in it, such as the terrace."""

    id: str
    """The area's id in the EPOS."""
    name: str
    """The name that people see."""
    waiterIds: list[str] | None = None
    """Ids of the waiters who serve the area's tables, where a table has no waiters of its own."""
