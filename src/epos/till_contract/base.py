"""Constrained types that the till's models share."""

from typing import Annotated, Any

from pydantic import Field

from epos.contract.base import LARGEST_AMOUNT, Wording, short_text, whole_number

_CONTROL = r"\x00-\x1f\x7f-\x9f"


def line(most: int) -> tuple[Any, Any]:
    """Metadata of text that stands on one line of paper: not blank, no control characters."""
    return (
        Field(
            strict=True,
            min_length=1,
            max_length=most,
            pattern=rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$",
        ),
        Wording(f"must be text of 1 to {most} characters, not blank, without control characters"),
    )


Name = Annotated[str, *line(100)]
"""What people call a thing that the venue has: it is printed, so it stands on one line."""

Label = Annotated[str, *short_text(100)]
"""What staff call something for an evening: whatever they type, nothing too."""

OwnId = Annotated[
    str,
    Field(strict=True, max_length=200, pattern=rf"^[A-Za-z0-9][^/{_CONTROL}]*$"),
    Wording(
        "must be text of 1 to 200 characters that begins with a letter or a digit, "
        "without / and control characters"
    ),
]
"""An id or PLU that the venue gives: it has its place in paths."""

Rate = Annotated[int, *whole_number(0, 10_000)]
"""Hundredths of a percent: 12.5% is 1250."""

Position = Annotated[int, *whole_number(0, 1_000_000)]
"""Where a thing stands among others of its kind, ascending."""

Version = Annotated[int, *whole_number(1, 2**31 - 1)]
"""Counts changes; a change carries the one that it saw."""

Covers = Annotated[int, *whole_number(1, 1_000)]
"""How many guests, or which of them."""

Minor = Annotated[int, *whole_number(0, LARGEST_AMOUNT)]
"""An amount in whole minor units; a price has its VAT in it."""
