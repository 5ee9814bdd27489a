"""Dishes on a kitchen ticket: large type, no prices."""

from collections.abc import Iterator
from dataclasses import dataclass

from epos.domain.paper import WIDTHS, columns

WIDTH = WIDTHS["Header2"]
"""Cells in a line of a kitchen ticket."""
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Extra:
    """A change to a dish; `quantity` is for each single one."""

    quantity: int
    name: str


@dataclass(frozen=True, slots=True)
class Dish:
    """A number of one thing to make. `parts` count all together: two menus have two puddings."""

    count: int
    name: str
    extras: tuple[Extra, ...] = ()
    parts: tuple["Dish", ...] = ()
    note: str | None = None
    cover: int | None = None

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The lines on the ticket: the name first, what belongs to it indented."""
        indent = _INDENT * depth
        yield from hanging(f"{indent}{self.count} x ", self.name)
        for extra in self.extras:
            yield from hanging(f"{indent}{_INDENT}+ ", self._named(extra))
        for part in self.parts:
            yield from part.lines(depth + 1)
        if self.note:
            yield from hanging(f"{indent}{_INDENT}! ", self.note)
        if self.cover is not None:
            yield f"{indent}{_INDENT}Seat {self.cover}"

    def _named(self, extra: Extra) -> str:
        if extra.quantity == 1:
            return extra.name
        each = " each" if self.count > 1 else ""
        return f"{extra.quantity} x {extra.name}{each}"


def hanging(lead: str, text: str) -> list[str]:
    """`text` behind `lead`; further lines are indented to the same place."""
    return columns(text, "", lead=lead, width=WIDTH)
