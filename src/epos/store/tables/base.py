"""What all tables share: one naming convention, and column types that say what they hold.

`venue_id` leads every primary, unique and foreign key, so no row can refer to another venue's.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Key = Text(collation="C")
"""Text that is a key, a filter or a sort key: compared bytewise, the same on every machine."""

Instant = DateTime(timezone=True)
Minor = BigInteger
"""Money in minor units (pence, cents)."""


class JsonText(TypeDecorator[str]):
    """A jsonb document that goes in and out as JSON text, so that nothing rebuilds what nobody reads."""

    impl = JSONB
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> None:
        return None

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        return None


def venue_key() -> Column[Any]:
    return Column("venue_id", Key, primary_key=True)


def finite(*columns: str) -> CheckConstraint:
    """For times that come from outside: the driver makes `infinity` of the calendar's last microsecond."""
    return CheckConstraint(" AND ".join(f"isfinite({column})" for column in columns), name="finite")


def one_of(column: str, values: Iterable[StrEnum | str]) -> CheckConstraint:
    """Enumerations are text with a check: adding a value later locks nothing."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
