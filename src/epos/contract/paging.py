"""Where a page starts and how long it is."""

from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from epos.contract.base import Answer, Request, Text, violation, whole

DEFAULT_LIMIT = 50


Limit = Annotated[int, *whole(1, 100)]


def _absent_limit(value: object) -> object:
    return DEFAULT_LIMIT if value is None else value


class Cursor(Request):
    """A place in a list: `before` and `after` are opaque and mutually exclusive."""

    limit: Annotated[Limit, BeforeValidator(_absent_limit, json_schema_input_type=Limit)] = (
        DEFAULT_LIMIT
    )
    """The most results in one page."""
    before: Text | None = None
    after: Text | None = None

    model_config = ConfigDict(json_schema_extra={"not": {"required": ["before", "after"]}})

    @model_validator(mode="after")
    def _one_direction(self) -> "Cursor":
        if self.before is not None and self.after is not None:
            raise violation("must not have both before and after")
        return self


def _absent_cursor(value: object) -> object:
    return {} if value is None else value


PageCursor = Annotated[Cursor, BeforeValidator(_absent_cursor)]
"""The cursor of a search: none, or null, is the first page of the default length."""


class SearchRequest(Request):
    """What all searches share."""

    cursor: PageCursor = Field(default_factory=Cursor)


class Page(Answer):
    """The places around a page: each is present when there is something there."""

    before: str | None = None
    after: str | None = None
