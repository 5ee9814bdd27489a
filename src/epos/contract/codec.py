"""How bytes become models and models become bytes, the same way at both doors."""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from epos.contract.base import EVERY_FAULT
from epos.contract.errors import ContractViolation

Model = TypeVar("Model", bound=BaseModel)


def parse(model_type: type[Model], body: bytes | str) -> Model:
    """The model that a JSON text is, or `ContractViolation`."""
    return validate(model_type, read_json(body))


def read_json(body: bytes | str) -> Any:
    """The value of a JSON text, or `ContractViolation`."""
    try:
        return from_json(body, allow_inf_nan=False)
    except (ValueError, TypeError) as error:  # TypeError: a str that is not Unicode text
        raise _not_json(str(error)) from None


def validate(model_type: type[Model], data: Any) -> Model:
    """The model that parsed JSON is, or `ContractViolation`."""
    if not isinstance(data, dict):
        raise ContractViolation("", "the body must be a JSON object")
    try:
        return model_type.model_validate(data)
    except ValidationError as error:
        # The first is enough: the author mends it and sees the next.
        raise _violation(error.errors(include_url=False)[0]) from None


def violations(model_type: type[BaseModel], data: Any) -> list[ContractViolation]:
    """Everything that keeps parsed JSON from being the model."""
    try:
        model_type.model_validate(data, context=EVERY_FAULT)
    except ValidationError as error:
        return [_violation(details) for details in error.errors(include_url=False)]
    return []


def to_wire(answer: BaseModel | Sequence[BaseModel], *, websocket_spelling: bool = False) -> bytes:
    """The JSON of an answer, or of a list of answers; absent fields are left out.

    The two published documents spell a few fields differently; REST's spelling is the default.
    """
    return to_json(answer, exclude_none=True, by_alias=websocket_spelling)


def fingerprint(model: BaseModel) -> str:
    """What "the same content" means for a retry: SHA-256 of the validated body, in hex.

    Unknown properties at the top level are left out, null is absent, times are instants, and the
    order of properties does not matter. Older spellings count as the newer ones they stand for.
    """
    canonical = json.dumps(
        model.model_dump(exclude_none=True),
        sort_keys=True,
        separators=(",", ":"),
        default=_instant_text,
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _instant_text(value: object) -> str:
    # In full, not in the milliseconds of an answer: two instants are the same or they are not.
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


# --- words ----------------------------------------------------------------------------------------

_PLACE = re.compile(r"at (line \d+ column \d+)$")
# By Pydantic's error type. Types that carry their own words (`Says`, `violation`) are not here.
_WORDS = {
    "missing": "is required",
    "list_type": "must be a list",
    "too_short": "must not be empty",
    "extra_forbidden": "is not a property of this object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
}


def _not_json(reason: str) -> ContractViolation:
    # Only the place: the reason itself might one day quote the body.
    place = _PLACE.search(reason)
    where = f" ({place.group(1)})" if place else ""
    return ContractViolation("", f"the body is not valid JSON in UTF-8{where}")


def _violation(details: ErrorDetails) -> ContractViolation:
    context = details.get("ctx", {})
    field = _path((*details["loc"], *context.get("at", ())))
    return ContractViolation(field, f"{field or 'the body'} {_words(details, context)}")


def _words(details: ErrorDetails, context: dict[str, Any]) -> str:
    if details["input"] is None and details["type"] != "missing":
        return "is required and must not be null"
    if details["type"] == "contract":
        return details["msg"]
    if details["type"] in ("enum", "literal_error"):
        return f"must be {context['expected']}"
    if details["type"] == "too_long":
        return f"must have at most {context['max_length']} elements"
    return _WORDS.get(details["type"], "is not valid")


_LONGEST_NAME = 60
_PLAIN_NAME = re.compile(r"[\w$ .:@-]+")


def _path(location: Sequence[str | int]) -> str:
    """`("items", 0, "name")` as `items[0].name`."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{_name(step)}" if path else _name(step)
    return path


def _name(step: str) -> str:
    # An unknown property has whatever name its sender gave it; a log line shall survive that.
    return step if len(step) <= _LONGEST_NAME and _PLAIN_NAME.fullmatch(step) else "?"
