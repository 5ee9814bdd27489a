"""Base classes and constrained types shared by all models.

Each type has its own error message (`Wording`). So an error reads the same over HTTP and over
WebSocket, and never contains the wrong value.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    SerializeAsAny,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

LARGEST_AMOUNT = 10**12
"""In minor units: ten billion pounds. Far above any bill, and sums of it are far below 64 bits."""
LARGEST_COUNT = 1_000_000
MOST_NAME = 1_000
"""Characters of a name, a code or another short text for which the specification has no length."""
MOST_NOTE = 10_000
"""Characters of a note or a wish."""
MOST_TABLES = 200
"""Tables of one party or reservation."""
MOST_UNKNOWN = 100
"""Values in the unknown properties of one object."""
INT64_END = 2**63

# PostgreSQL text cannot contain NUL. Lone surrogates need no pattern: the JSON parser and the
# pattern matcher refuse them.
_NO_NUL = r"^[^\x00]*$"
_NO_CONTROL = r"^[^\x00-\x1f\x7f-\x9f]*$"


class ContractModel(BaseModel):
    """What all models have in common: immutable, and each property has a description."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Answer(ContractModel):
    """An answer. Services build answers with `model_construct`, which validates nothing."""


class Request(ContractModel):
    """A request. Unknown properties are ignored, because Dojo may add some."""

    model_config = ConfigDict(extra="ignore")


EVERY_FAULT = object()
"""The validation context to get every fault, with one for each unknown property."""


class ClosedRequest(ContractModel):
    """A request in which an unknown property is refused (`additionalProperties: false`)."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown(cls, data: Any, info: ValidationInfo) -> Any:
        # Stop at the first: Pydantic would collect an error for each, perhaps for a hundred thousand.
        if isinstance(data, dict) and info.context is not EVERY_FAULT:
            for name in data:
                if name not in cls.model_fields:
                    raise violation("is not a property of this object", name)
        return data


class OpenContent(ContractModel):
    """Content of an order that Dojo owns. Unknown properties are stored and answered unchanged.

    A null counts as absent, in known and in unknown properties.
    """

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="after")
    def _check_extra(self) -> "OpenContent":
        extra = self.__pydantic_extra__
        if extra:
            for name in [name for name, value in extra.items() if value is None]:
                del extra[name]
            _check_json(extra, ())
        return self


def violation(message: str, *at: str | int) -> PydanticCustomError:
    """An error with this message, at a path below the value that is being validated."""
    return PydanticCustomError("contract", "{message}", {"message": message, "at": at})


_DEEPEST_EXTRA = 64


def _check_json(value: object, path: tuple[str | int, ...]) -> int:
    """How many values there are. Refuse JSON that PostgreSQL's jsonb or another reader does not accept."""
    if len(path) > _DEEPEST_EXTRA:
        raise violation("must not be nested that deeply", path[0])
    match value:
        case str():
            _check_text(value, path)
        case bool() | None:
            pass
        case int() | float():
            if not -INT64_END <= value < INT64_END:  # also refuses infinity and NaN
                raise violation("must be a number within 64 bits", *path)
        case list():
            return _check_elements(enumerate(value), len(value), path)
        case dict():
            for name in value:
                _check_text(name, path)
            return _check_elements(value.items(), len(value), path)
        case _:
            raise violation("must be JSON", *path)
    return 1


def _check_elements(
    elements: Iterable[tuple[str | int, object]], count: int, path: tuple[str | int, ...]
) -> int:
    """The elements of a list or an object. Stops at too many before it looks at each."""
    inside = count
    if count <= MOST_UNKNOWN:
        inside = sum(_check_json(element, (*path, at)) for at, element in elements)
    if inside > MOST_UNKNOWN:
        raise violation(f"must have at most {MOST_UNKNOWN} unknown values", *path)
    return inside + 1


def _check_text(text: str, path: tuple[str | int, ...]) -> None:
    if "\0" in text or _has_surrogate(text):
        raise violation("must not contain NUL or lone surrogates", *path)
    if len(text) > MOST_NOTE:
        raise violation(f"must be text of at most {MOST_NOTE} characters", *path)


def _has_surrogate(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)


@dataclass(frozen=True, slots=True)
class Wording:
    """The message for every error of the annotated type, without the path: "must be ...".

    Do not use it for lists and models: it would hide the path of an error inside them.
    """

    message: str

    def __get_pydantic_core_schema__(
        self, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.custom_error_schema(
            handler(source), custom_error_type="contract", custom_error_message=self.message
        )


def whole_number(least: int, most: int) -> tuple[Any, Any]:
    """Metadata of a whole number. It refuses `"12"`, `12.0` and `true`."""
    return (
        Field(strict=True, ge=least, le=most),
        Wording(f"must be a whole number between {least} and {most}"),
    )


_ID_WORDING = Wording("must be text of 1 to 200 characters without control characters")

Id = Annotated[
    str, Field(strict=True, min_length=1, max_length=200, pattern=_NO_CONTROL), _ID_WORDING
]
"""An id, of the EPOS or of Dojo."""


def short_text(most: int) -> tuple[Any, Any]:
    """Metadata of a text with its greatest length."""
    return (
        Field(strict=True, max_length=most, pattern=_NO_NUL),
        Wording(f"must be text of at most {most} characters without NUL characters"),
    )


Text = Annotated[str, *short_text(MOST_NAME)]
"""A name, a code or another short text."""
Note = Annotated[str, *short_text(MOST_NOTE)]
"""What people write: notes and wishes."""
FilledText = Annotated[
    str,
    Field(strict=True, min_length=1, max_length=MOST_NAME, pattern=_NO_NUL),
    Wording(f"must be text of 1 to {MOST_NAME} characters without NUL characters"),
]
ID_SCHEMA = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": _NO_CONTROL}
"""The JSON schema of an id in a path or a header, where no model describes it."""
ID_RULE = "must be 1 to 200 characters without control characters"
"""The error message for a value that is not an id."""
_ID = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,200}")


def is_id(text: str) -> bool:
    """Whether a path parameter or a header value is a valid id."""
    return _ID.fullmatch(text) is not None


def waiter_as_text(value: object) -> object:
    """A waiter's id that is not in the header. Some senders write a number; 0 names nobody."""
    if type(value) is int and -INT64_END <= value < INT64_END:
        value = str(value)
    return None if value in ("", "0") else value


WaiterInBody = Annotated[
    Id | None,
    BeforeValidator(
        waiter_as_text,
        json_schema_input_type=Annotated[str, Field(max_length=200, pattern=_NO_CONTROL)]
        | Annotated[int, Field(ge=-INT64_END, lt=INT64_END)]
        | None,
    ),
]

Flag = Annotated[bool, Field(strict=True), Wording("must be true or false")]
Count = Annotated[int, *whole_number(0, LARGEST_COUNT)]
"""A quantity, or a number of covers (guests)."""
Percentage = Annotated[int, *whole_number(-LARGEST_AMOUNT, LARGEST_AMOUNT)]
"""Hundredths of a percent: 25.1% is 2510."""


T = TypeVar("T")

if TYPE_CHECKING:
    AsStored: TypeAlias = T | Any
else:
    AsStored = SerializeAsAny
"""A property of an answer that is either the model or the plain JSON value from the database.

It is serialised as what it is at run time, without a warning and without building the model.
"""

Many = Annotated[list[T], Field(fail_fast=True)]
"""A list in a request, with a `max_length` where it is used. Validation stops at the first error."""
Ids = Annotated[list[Id], Field(min_length=1, max_length=MOST_TABLES, fail_fast=True)]
"""At least one id of a table.

The specification says `minLength: 1` of the array and means `minItems: 1`."""


# --- time -----------------------------------------------------------------------------------------

_RFC_3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?"
    r"(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII,
)
_TIME_MESSAGE = "must be an RFC 3339 date-time with a zone, such as 2024-08-12T09:30:00.000Z"


# asyncpg stores the calendar's first and last microsecond as -infinity and infinity. Some clients send
# them to say "never": they are .NET's default(DateTimeOffset) and DateTimeOffset.MaxValue.
_FIRST = datetime.min.replace(tzinfo=UTC) + timedelta(microseconds=1)
_LAST = datetime.max.replace(tzinfo=UTC) - timedelta(microseconds=1)


def parse_time(value: object) -> datetime:
    """The instant in UTC. Digits after the microsecond are cut, not rounded. The calendar's first and
    last microsecond become the second and the last but one.

    Pydantic's own parser also accepts numbers, times without a zone and other forms.
    """
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    match = _RFC_3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise violation(_TIME_MESSAGE)
    try:
        return min(max(_instant(match), _FIRST), _LAST)
    except (ValueError, OverflowError):  # 30 February, or year 10000 in UTC
        raise violation(_TIME_MESSAGE) from None


def _instant(match: re.Match[str]) -> datetime:
    fraction, sign, hours, minutes = match.group(7, 8, 9, 10)
    microsecond = int(fraction[:6].ljust(6, "0")) if fraction else 0
    year, month, day, hour, minute, second = map(int, match.group(1, 2, 3, 4, 5, 6))
    if sign is None:
        return datetime(year, month, day, hour, minute, second, microsecond, UTC)
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    zone = timezone(offset if sign == "+" else -offset)
    return datetime(year, month, day, hour, minute, second, microsecond, zone).astimezone(UTC)


def format_time(instant: datetime) -> str:
    """The instant as `2024-08-12T09:30:00.000Z`."""
    if instant.tzinfo is not UTC:
        if instant.tzinfo is None:
            raise ValueError("a time without a zone")
        instant = instant.astimezone(UTC)
    return instant.isoformat(timespec="milliseconds")[:-6] + "Z"


class _DateTimeSchema:
    """Publishes `type: string, format: date-time` for requests and for answers."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": "date-time"}


Time = Annotated[
    datetime,
    BeforeValidator(parse_time),
    PlainSerializer(format_time, return_type=str, when_used="json"),
    _DateTimeSchema(),
]
"""An instant: a datetime in UTC in the code, RFC 3339 with milliseconds and `Z` in JSON."""
