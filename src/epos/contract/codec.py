"""Read models from JSON and write them as JSON, the same for HTTP and for WebSocket."""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from epos.contract.base import EVERY_FAULT
from epos.contract.errors import ContractViolation

Model = TypeVar("Model", bound=BaseModel)


def parse(model_type: type[Model], body: bytes | str) -> Model:
    """Read a model from a JSON text. Raises ContractViolation."""
    return validate(model_type, read_json(body))


# A body of the largest size that is nothing but `[],[],...` is read in 100 milliseconds, in which no other
# request is answered. So many are read in 12, and an order with the most lines has half of them.
MOST_NESTED = 40_000
MOST_PROPERTIES = 40_000
_LARGE = 80_000


def read_json(body: bytes | str) -> Any:
    """Read a JSON text. Raises ContractViolation."""
    check_size(body)
    try:
        return from_json(body, allow_inf_nan=False)
    except (ValueError, TypeError) as error:  # TypeError: a str with lone surrogates
        raise _not_json(str(error)) from None


def check_size(body: bytes | str) -> None:
    """Count without reading: what stands inside a text counts, too. Raises ContractViolation."""
    if len(body) <= _LARGE:
        return
    if isinstance(body, str):
        nested, properties = body.count("[") + body.count("{"), body.count(":")
    else:
        nested, properties = body.count(b"[") + body.count(b"{"), body.count(b":")
    if nested > MOST_NESTED:
        raise ContractViolation("", f"the body must have at most {MOST_NESTED} lists and objects")
    if properties > MOST_PROPERTIES:
        raise ContractViolation("", f"the body must have at most {MOST_PROPERTIES} properties")


def validate(model_type: type[Model], data: Any) -> Model:
    """Make a model of a JSON value. Raises ContractViolation for the first error."""
    if not isinstance(data, dict):
        raise ContractViolation("", "the body must be a JSON object")
    try:
        return model_type.model_validate(data)
    except ValidationError as error:
        raise _violation(error.errors(include_url=False)[0]) from None


def violations(model_type: type[BaseModel], data: Any) -> list[ContractViolation]:
    """Every error that the model finds in a JSON value."""
    try:
        model_type.model_validate(data, context=EVERY_FAULT)
    except ValidationError as error:
        return [_violation(details) for details in error.errors(include_url=False)]
    return []


def to_wire(answer: BaseModel | Sequence[BaseModel], *, websocket_spelling: bool = False) -> bytes:
    """Write an answer, or a list of answers, as JSON. Absent properties are left out.

    The REST and WebSocket documents spell a few properties differently. The default is REST's spelling.
    """
    return to_json(answer, exclude_none=True, by_alias=websocket_spelling)


def fingerprint(model: BaseModel) -> str:
    """SHA-256 of the validated body, in hex. Two requests have the same content if these are equal.

    Unknown properties at the top level do not count, null is absent, times are compared as instants,
    and the order of properties does not matter. An older spelling equals the newer one.
    """
    return digest(model.model_dump(exclude_none=True))


def digest(content: dict[str, Any]) -> str:
    """SHA-256 of content as `model_dump` gives it, in hex; the order of properties does not matter."""
    canonical = json.dumps(
        content,
        sort_keys=True,
        separators=(",", ":"),
        default=_instant_text,
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _instant_text(value: object) -> str:
    # With microseconds: answers have only milliseconds, and two instants may differ in less.
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


# --- error messages -------------------------------------------------------------------------------

_PLACE = re.compile(r"at (line \d+ column \d+)$")
# By Pydantic's error type. Errors of `Wording` and `violation` have messages of their own.
_MESSAGES = {
    "missing": "is required",
    "list_type": "must be a list",
    "too_short": "must not be empty",
    "extra_forbidden": "is not a property of this object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
}


def _not_json(reason: str) -> ContractViolation:
    # Take only the line and column: a later version's reason might quote the body.
    place = _PLACE.search(reason)
    where = f" ({place.group(1)})" if place else ""
    return ContractViolation("", f"the body is not valid JSON in UTF-8{where}")


def _violation(details: ErrorDetails) -> ContractViolation:
    context = details.get("ctx", {})
    field = _path((*details["loc"], *context.get("at", ())))
    return ContractViolation(field, f"{field or 'the body'} {_message(details, context)}")


def _message(details: ErrorDetails, context: dict[str, Any]) -> str:
    if details["input"] is None and details["type"] != "missing":
        return "is required and must not be null"
    if details["type"] == "contract":
        return details["msg"]
    if details["type"] in ("enum", "literal_error"):
        return f"must be {context['expected']}"
    if details["type"] == "too_long":
        return f"must have at most {context['max_length']} elements"
    return _MESSAGES.get(details["type"], "is not valid")


_LONGEST_NAME = 60
_PLAIN_NAME = re.compile(r"[\w$ .:@-]+")


def _path(location: Sequence[str | int]) -> str:
    """Write `("items", 0, "name")` as `items[0].name`."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{_name(step)}" if path else _name(step)
    return path


def _name(step: str) -> str:
    # The sender chose the name of an unknown property, and the name goes into a log line.
    return step if len(step) <= _LONGEST_NAME and _PLAIN_NAME.fullmatch(step) else "?"
