"""Constrained types that several of the till's models use."""

from typing import Annotated, Any

from pydantic import Field

from epos.contract.base import (
    LARGEST_AMOUNT,
    ClosedRequest,
    Flag,
    Id,
    Wording,
    short_text,
    whole_number,
)

_CONTROL = r"\x00-\x1f\x7f-\x9f"


def line(most: int) -> tuple[Any, Any]:
    """Metadata of a text that is printed on one line: not blank, no control characters."""
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
"""The name of something in the set-up. It is printed, so it is one line."""

Label = Annotated[str, *short_text(100)]
"""A name that staff type for a tab or a party. It may be empty."""

OwnId = Annotated[
    str,
    Field(strict=True, max_length=200, pattern=rf"^[A-Za-z0-9][^/{_CONTROL}]*$"),
    Wording(
        "must be text of 1 to 200 characters that begins with a letter or a digit, "
        "without / and control characters"
    ),
]
"""An id or a product code that the venue chooses. It is used in paths."""

Rate = Annotated[int, *whole_number(0, 10_000)]
"""A rate in hundredths of a percent: 12.5% is 1250."""

Position = Annotated[int, *whole_number(0, 1_000_000)]
"""The place of a thing in its list, ascending."""

Version = Annotated[int, *whole_number(1, 2**31 - 1)]
"""The version of a thing, for optimistic locking: it grows with each change."""

Covers = Annotated[int, *whole_number(1, 1_000)]
"""A number of guests, or the number of one guest."""

Minor = Annotated[int, *whole_number(0, LARGEST_AMOUNT)]
"""An amount in minor units. A price includes VAT."""


class KeyedRequest(ClosedRequest):
    """A change that can be sent again when its answer was lost."""

    key: Id | None = None
    """The till's own id of this request, for a safe retry within a week: the same request again changes
    nothing and gets the first answer. With other content: Conflict. A refused request frees its key.
    """


class ConfirmedRequest(KeyedRequest):
    """A change with values that may be a slip of a finger: a tip, a quantity, covers, a time, a voucher."""

    confirm: Flag | None = None
    """true: values far outside reason (`limits` of the profile, a voucher above 25000) are meant. Without
    it they are a Conflict, which names the value.
    """
