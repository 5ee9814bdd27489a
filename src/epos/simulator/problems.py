"""How Dojo's API says that something is wrong: problem details, as RFC 7807 has them."""

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


def details(problem: Problem, trace_id: str) -> dict[str, Any]:
    title = HTTPStatus(problem.status).phrase
    return {
        "title": title,
        "status": problem.status,
        "detail": problem.detail,
        "traceId": trace_id,
    }
