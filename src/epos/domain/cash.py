"""What should be in a cash drawer."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MAIN_DRAWER = "main"
"""The drawer of a venue with one; in a venue with one for each device, that of devices without an id."""


class CashMove(StrEnum):
    """What happens to the cash of a drawer beside payments."""

    FLOAT = "float"
    """The cash at the start of the day, as it was corrected."""
    PAID_IN = "paid-in"
    PAID_OUT = "paid-out"
    TO_SAFE = "to-safe"
    NO_SALE = "no-sale"
    """The drawer was opened, and no cash moved."""


@dataclass(slots=True)
class Drawer:
    """The cash of one drawer on one day, in minor units. `taken` and `given_back` have the tips in them."""

    name: str
    opening_float: int = 0
    taken: int = 0
    given_back: int = 0
    paid_in: int = 0
    paid_out: int = 0
    to_safe: int = 0

    def move(self, kind: CashMove, amount: int) -> None:
        """Count one movement. A later float replaces an earlier one."""
        match kind:
            case CashMove.FLOAT:
                self.opening_float = amount
            case CashMove.PAID_IN:
                self.paid_in += amount
            case CashMove.PAID_OUT:
                self.paid_out += amount
            case CashMove.TO_SAFE:
                self.to_safe += amount
            case CashMove.NO_SALE:
                pass

    @property
    def takings(self) -> int:
        return self.taken - self.given_back

    @property
    def expected(self) -> int:
        """The cash that should be there."""
        return self.opening_float + self.takings + self.paid_in - self.paid_out - self.to_safe

    @property
    def was_used(self) -> bool:
        """Whether cash moved."""
        return any((self.taken, self.given_back, self.paid_in, self.paid_out, self.to_safe))


@dataclass(frozen=True, slots=True)
class DrawerZ:
    """One closing of a drawer. `cash`: from its closing before, or the start of the day, until this one."""

    number: int
    """Counts the closings of the drawer, without a gap."""
    cash: Drawer
    counted: int | None
    movements: int
    """How many movements beside payments are in it."""

    @property
    def left(self) -> int:
        """The cash that stayed in the drawer."""
        return self.cash.expected if self.counted is None else self.counted


def since(drawer: Drawer, zs: Sequence[DrawerZ]) -> Drawer:
    """What happened in a drawer after it was closed. `drawer`: its whole day; `zs`: its closings on that
    day, in their order. The cash that stayed there is its float.
    """
    before = all_drawers([z.cash for z in zs])
    return Drawer(
        name=drawer.name,
        opening_float=zs[-1].left if zs else drawer.opening_float,
        taken=drawer.taken - before.taken,
        given_back=drawer.given_back - before.given_back,
        paid_in=drawer.paid_in - before.paid_in,
        paid_out=drawer.paid_out - before.paid_out,
        to_safe=drawer.to_safe - before.to_safe,
    )


def all_drawers(drawers: list[Drawer]) -> Drawer:
    """The sums of several drawers."""
    return Drawer(
        name="",
        opening_float=sum(drawer.opening_float for drawer in drawers),
        taken=sum(drawer.taken for drawer in drawers),
        given_back=sum(drawer.given_back for drawer in drawers),
        paid_in=sum(drawer.paid_in for drawer in drawers),
        paid_out=sum(drawer.paid_out for drawer in drawers),
        to_safe=sum(drawer.to_safe for drawer in drawers),
    )
