"""Which checks run, which do not, and what a correct server must trip: each with its reason."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
from schemathesis import Case, Response
from schemathesis.core.failures import Failure

Json = dict[str, Any]

ENABLED_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "ignored_auth",
    # Those below run against the excuses at the end of this file.
    "negative_data_rejection",
    "unsupported_method",
    "use_after_free",
)

OFF = {
    "positive_data_acceptance": (
        "a body that fits the schema may name a table that does not exist, a cursor of nothing or "
        "an end before the start; the narrowed run asks for 200 instead"
    ),
    "ensure_resource_availability": (
        "an order that names a party of a minute ago may be refused by then: guests leave"
    ),
    "missing_required_header": "no header is required",
    "allow_header_conformance": "OPTIONS is not served; `Allow` of a 405 is tested by name",
    "object_level_authorization": "needs two identities; tests/api/test_authentication.py has them",
}


_REQUESTER = ("waiter-id", "dojo-requesting-product", "device-id", "device-type")


@dataclass(frozen=True)
class Finding:
    """One check that failed."""

    check: str
    failure: Failure
    case: Case[Any]
    response: Response | None

    def __str__(self) -> str:
        answer = "" if self.response is None else f"{self.response.status_code} {self._text[:300]}"
        headers = {name: value for name, value in self._headers.items() if name in _REQUESTER}
        sent = f"{self.case.formatted_path} {headers} {self.case.body!r}"
        return f"{self.check}: {self.case.method} {sent[:1000]} -> {answer}\n  {self.failure}"

    @property
    def _headers(self) -> dict[str, Any]:
        return dict(self.case.headers or {})

    @property
    def _text(self) -> str:
        return self.response.text if self.response is not None else ""


class Excuses:
    """The committed list, applied to findings; `document` is our own, whatever document is run."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._list: tuple[tuple[str, str, Callable[[Finding], bool]], ...] = (
            (
                "negative_data_rejection",
                "a null counts as absent, and known_deviations.py has the bodies that we tolerate",
                self._body_is_allowed,
            ),
            (
                "negative_data_rejection",
                "an empty header counts as absent",
                _has_an_empty_header,
            ),
            (
                "negative_data_rejection",
                "header bytes are UTF-8 before they are latin-1: half a letter is no control",
                _has_a_header_in_utf_8,
            ),
            (
                "use_after_free",
                "DELETE of an order cancels it: a cancelled order can still be read",
                _is_an_order,
            ),
        )

    def __call__(self, finding: Finding) -> str | None:
        """The reason why it is no fault, if it is none."""
        for check, reason, applies in self._list:
            if check == finding.check and applies(finding):
                return reason
        return None

    @property
    def reasons(self) -> set[str]:
        return {reason for _check, reason, _applies in self._list}

    def _body_is_allowed(self, finding: Finding) -> bool:
        case = finding.case
        operation = (
            self._document["paths"].get(case.operation.path, {}).get(case.method.lower(), {})
        )
        if "requestBody" not in operation or _is_refused_outside_the_body(finding):
            return False
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        components = {"components": self._document["components"]}
        body = _without_nulls(finding.case.body)
        return jsonschema_rs.Draft202012Validator(schema | components).is_valid(body)


def _is_refused_outside_the_body(finding: Finding) -> bool:
    return "Invalid component: parameter" in finding.failure.message


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_nulls(inner) for inner in value]
    return value


def _has_an_empty_header(finding: Finding) -> bool:
    return any(str(value).strip() == "" for value in (finding.case.headers or {}).values())


def _has_a_header_in_utf_8(finding: Finding) -> bool:
    return any(_is_utf_8(str(value)) for value in (finding.case.headers or {}).values())


def _is_utf_8(value: str) -> bool:
    try:
        return not value.isascii() and value.encode("latin-1").decode().isprintable()
    except UnicodeError:
        return False


def _is_an_order(finding: Finding) -> bool:
    path: str = finding.case.operation.path
    return path.startswith("/v1/orders/")
