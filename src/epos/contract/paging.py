"""Which page of a list is wanted: as the cursor of a search, or as the query parameters of a list."""

from typing import Annotated, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from epos.contract.base import Answer, ContractModel, Request, short_text, violation, whole_number

DEFAULT_LIMIT = 50


Limit = Annotated[int, *whole_number(1, 100)]
_Place = Annotated[str, *short_text(10_000)]
"""A cursor. Those that this server gives are far shorter."""


def _default_for_null(value: object) -> object:
    return DEFAULT_LIMIT if value is None else value


class PageSelection(ContractModel):
    """Which page of a list is wanted, and how long it may be."""

    limit: Annotated[Limit, BeforeValidator(_default_for_null, json_schema_input_type=Limit)] = (
        DEFAULT_LIMIT
    )
    """The most results in one page: 1 to 100. The default is 50."""
    before: _Place | None = None
    """The current page's `before`, to get the preceding page. Not together with `after`."""
    after: _Place | None = None
    """The current page's `after`, to get the following page. Not together with `before`."""

    @model_validator(mode="after")
    def _one_direction(self) -> Self:
        if self.before is not None and self.after is not None:
            raise violation("must not be sent with after", "before")
        return self


class Cursor(PageSelection, Request):
    """Which page of the results is wanted, and how long it may be."""

    model_config = ConfigDict(json_schema_extra={"not": {"required": ["before", "after"]}})


def _default_cursor_for_null(value: object) -> object:
    return {} if value is None else value


PageCursor = Annotated[Cursor, BeforeValidator(_default_cursor_for_null)]
"""The cursor of a search. Absent or null: the first page, of the default length."""


class SearchRequest(Request):
    """What all searches have in common."""

    cursor: PageCursor = Field(default_factory=Cursor)
    """Which page of the results. Without it: the first page."""


class Page(Answer):
    """What all pages have in common."""

    before: str | None = None
    """Send it as `before` to get the preceding page. Absent on the first page."""
    after: str | None = None
    """Send it as `after` to get the following page. Absent on the last page."""
