"""Values far outside reason, as a slip of a finger makes them: refused until they are confirmed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from epos.domain.errors import Conflict
from epos.domain.money import percentage_of

_LONG_AGO = timedelta(days=1)
_LONGEST_STAY = timedelta(days=1)
_MOST_FOR_A_VOUCHER = 25_000
"""In minor units, for every venue."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Above which a value is asked for again, as the venue has set it."""

    tip: int = 2_000
    """A tip up to this, in minor units, is never asked for again."""
    tip_rate: int = 5_000
    """A tip above it is, if it is more than this part of what the order comes to, in hundredths of a
    percent.
    """
    quantity: int = 100
    covers: int = 50
    days_ahead: int = 400
    """How many days ahead a time may be."""

    @classmethod
    def of(cls, row: Mapping[str, int]) -> "Limits":
        """What the venue has set; the rest has its default."""
        return cls(**row)


@dataclass(frozen=True, slots=True)
class Unusual:
    """A value of a request that is outside reason, and why."""

    field: str
    value: str
    why: str


def refuse_unusual(found: Iterator[Unusual], *, confirmed: bool | None) -> None:
    """Raises Conflict for the first one, unless the request says that they are meant."""
    if confirmed:
        return
    first = next(found, None)
    if first is not None:
        raise Conflict(
            f"{first.field} is {first.value}, {first.why}; if it is meant, send it again with "
            "confirm true"
        )


def unusual_tip(limits: Limits, field: str, tip: int, total: int) -> Iterator[Unusual]:
    """`total`: what the order comes to."""
    part = percentage_of(total, limits.tip_rate)
    if tip > max(limits.tip, part):
        yield Unusual(field, str(tip), f"more than {max(limits.tip, part)} for an order of {total}")


def unusual_quantity(limits: Limits, field: str, quantity: int) -> Iterator[Unusual]:
    if quantity > limits.quantity:
        yield Unusual(field, str(quantity), f"more than {limits.quantity}")


def unusual_voucher(field: str, amount: int) -> Iterator[Unusual]:
    if amount > _MOST_FOR_A_VOUCHER:
        yield Unusual(field, str(amount), f"more than {_MOST_FOR_A_VOUCHER}")


def unusual_covers(limits: Limits, field: str, covers: int | None) -> Iterator[Unusual]:
    if covers is not None and covers > limits.covers:
        yield Unusual(field, str(covers), f"more than {limits.covers}")


def unusual_time(
    limits: Limits, field: str, at: datetime | None, now: datetime
) -> Iterator[Unusual]:
    """A time long ago, or too many days ahead."""
    if at is None:
        return
    if at < now - _LONG_AGO:
        yield Unusual(field, _shown(at), "more than a day ago")
    elif at - now > timedelta(days=limits.days_ahead):
        yield Unusual(field, _shown(at), f"more than {limits.days_ahead} days ahead")


def unusual_stay(field: str, start: datetime, end: datetime) -> Iterator[Unusual]:
    if end - start > _LONGEST_STAY:
        yield Unusual(field, _shown(end), "more than a day after the start")


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M%z}"
