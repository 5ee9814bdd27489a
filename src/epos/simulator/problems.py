"""How Dojo's API refuses a request: problem details, as RFC 7807 defines them."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse


class Problem(Exception):
    """A request that Dojo's API refuses."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class ProblemResponse(JSONResponse):
    """The answer to a request that is refused."""

    media_type = "application/problem+json"

    def __init__(self, problem: Problem, trace_id: str) -> None:
        content = {
            "title": HTTPStatus(problem.status).phrase,
            "status": problem.status,
            "detail": problem.detail,
            "traceId": trace_id,
        }
        super().__init__(content, problem.status)


def complaints(errors: Iterable[Mapping[str, Any]], *, within: str = "") -> list[str]:
    """One line for each error of Pydantic: where, and what. Never a value."""
    return [f"{_place(error['loc'], within)}: {error['msg']}" for error in errors]


def _place(location: tuple[int | str, ...], within: str) -> str:
    steps = location[1:] if location and location[0] == within else location
    return ".".join(map(str, steps)) or "the body"
