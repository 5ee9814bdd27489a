"""The check that every answer of the API tests goes through: it lets nothing by."""

from typing import Any

import httpx
import pytest

from tests.support.schemas import Answers, exported_document, own_answers

AREA = {"id": "area_1", "name": "Main"}
ERROR = {"errorType": "NotFound", "debugMessage": "words", "traceId": "t"}
PARTY = {"id": "p", "tableIds": ["t"], "status": "Seated", "startTime": "2024-08-12T12:00:00.000Z"}
TRACE = {"x-trace-id": "t"}
JSON = {"content-type": "application/json"} | TRACE


@pytest.fixture(scope="module")
def answers() -> Answers:
    return Answers(exported_document())


def answer(method: str, path: str, status: int, body: Any, **headers: str) -> httpx.Response:
    sent = JSON | {name.replace("_", "-"): value for name, value in headers.items()}
    content = {"content": b""} if body is None else {"json": body}
    sent = sent if body is not None else TRACE
    request = httpx.Request(method, f"http://epos{path}")
    return httpx.Response(status, headers=sent, request=request, **content)


@pytest.mark.parametrize(
    "response",
    [
        answer("GET", "/v1/areas", 200, [AREA]),
        answer("GET", "/v1/parties/p", 200, PARTY),
        answer("DELETE", "/v1/parties/p", 200, None),
        answer("POST", "/v1/events", 200, None),
        answer("GET", "/nowhere", 404, ERROR),
        answer("GET", "/healthz", 200, {"status": "ok"}),
    ],
)
def test_what_is_promised(answers: Answers, response: httpx.Response) -> None:
    answers.check(response)


@pytest.mark.parametrize(
    "response",
    [
        answer("GET", "/v1/areas", 200, AREA),
        answer("GET", "/v1/areas", 200, [{"id": "area_1"}]),
        answer("GET", "/v1/areas", 200, [AREA | {"waiterIds": None}]),
        answer("GET", "/v1/areas", 200, [AREA], content_type="text/html"),
        answer("GET", "/v1/areas", 201, [AREA]),
        answer("PUT", "/v1/areas", 200, [AREA]),
        answer("GET", "/v1/weather", 200, []),
        answer("GET", "/v1/parties/p", 200, PARTY | {"tableIds": []}),
        answer("GET", "/v1/parties/p", 200, PARTY | {"startTime": "2024-08-12T12:00:00Z"}),
        answer("GET", "/v1/parties/p", 200, PARTY | {"startTime": "2024-08-12T13:00:00.000+01:00"}),
        answer("DELETE", "/v1/parties/p", 200, PARTY),
        answer("POST", "/v1/events", 200, {}),
        answer("GET", "/v1/areas", 404, ERROR | {"traceId": "another"}),
        answer("GET", "/v1/areas", 404, ERROR | {"errorType": "Missing"}),
        answer("GET", "/v1/areas", 404, ERROR, content_type="text/plain"),
    ],
)
def test_what_is_not(answers: Answers, response: httpx.Response) -> None:
    with pytest.raises(AssertionError):
        answers.check(response)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/areas", 403), ("GET", "/nowhere", 404), ("PUT", "/v1/areas", 405)],
)
def test_declared_statuses(method: str, path: str, status: int) -> None:
    own_answers().check_status(answer(method, path, status, ERROR))


@pytest.mark.parametrize(("path", "status"), [("/v1/areas", 404), ("/v1/orders/o", 409)])
def test_undeclared_statuses(path: str, status: int) -> None:
    with pytest.raises(AssertionError, match="does not declare"):
        own_answers().check_status(answer("GET", path, status, ERROR))
