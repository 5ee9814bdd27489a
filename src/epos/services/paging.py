"""Opaque cursors: the key of the row where a page ends, bound to the search it came from."""

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from epos.contract.paging import PageSelection
from epos.domain.errors import InvalidRequest
from epos.store.paging import Key, PageRequest, PageRows

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Pages:
    """The pages of one search (venue, name and filters). The cursor of another search is refused."""

    def __init__(
        self,
        columns: Sequence[tuple[str, type]],
        venue_id: str,
        search: str,
        filters: dict[str, Any],
    ) -> None:
        self._columns = columns
        scope = json.dumps([venue_id, search, sorted(filters.items())], default=str)
        self._scope = hashlib.sha256(scope.encode()).hexdigest()[:12]

    def request(self, page: PageSelection, prefix: str = "cursor.") -> PageRequest:
        """What to read. `prefix`: where the selection stands in the request, for the error.

        Raises InvalidRequest for a cursor that this search did not give.
        """
        return PageRequest(
            limit=page.limit,
            after=self._key(f"{prefix}after", page.after),
            before=self._key(f"{prefix}before", page.before),
        )

    def around(self, page: PageRows) -> tuple[str | None, str | None]:
        """`before` and `after` as they are answered: None where there are no more rows."""
        first = page.rows[0] if page.rows else None
        last = page.rows[-1] if page.rows else None
        return (
            self._encode(first) if page.more_in_front else None,
            self._encode(last) if page.more_behind else None,
        )

    def _encode(self, row: Any) -> str:
        """The place of a row; without one (an empty page), the far end of the list."""
        values = [] if row is None else [_plain(row[name]) for name, _ in self._columns]
        packed = json.dumps([self._scope, *values], separators=(",", ":"))
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")

    def _key(self, field: str, cursor: str | None) -> Key | None:
        if cursor is None:
            return None
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            scope, *values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            if scope != self._scope or len(values) not in (0, len(self._columns)):
                raise ValueError(scope)
            kinds = [kind for _, kind in self._columns]
            return tuple(_typed(value, kind) for value, kind in zip(values, kinds, strict=False))
        except (ValueError, TypeError, OverflowError, RecursionError):
            message = "is not a cursor of this search"
            raise InvalidRequest(field, message) from None


def _plain(value: Any) -> Any:
    return (value - _EPOCH) // _MICROSECOND if isinstance(value, datetime) else value


def _typed(value: object, kind: type) -> object:
    """The value of a key's column, or ValueError for what that column cannot hold."""
    if kind is str and isinstance(value, str) and "\0" not in value:
        value.encode()  # a lone surrogate is a ValueError
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        if kind is datetime:
            return _EPOCH + value * _MICROSECOND
        if kind is int and -(2**31) <= value < 2**31:
            return value
    raise ValueError(kind)
