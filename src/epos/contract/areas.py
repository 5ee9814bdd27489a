"""Areas of a venue."""

from epos.contract.base import Answer


class Area(Answer):
    """A physical area in a merchant's location."""

    id: str
    name: str
    waiterIds: list[str] | None = None
