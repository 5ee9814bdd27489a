"""Whatever Dojo's API does not have."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from epos.simulator.accounts import NOBODY, api_key
from epos.simulator.problems import Problem, ProblemResponse
from epos.simulator.routes.dependencies import TheAccounts
from epos.simulator.routes.dojo_route import write_refusal

router = APIRouter(include_in_schema=False)


@router.api_route("/{rest:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
async def refuse_unknown_operation(request: Request, accounts: TheAccounts) -> Response:
    """404, and a violation. Include this router last."""
    name = f"{request.method} {request.url.path}"
    trace_id = accounts.shared.ids.new("trace")
    key = api_key(request.headers.get("authorization"))
    account = accounts.account_of(key).id if key else NOBODY
    write_refusal(accounts, account, name, trace_id, "Dojo's API has no such operation")
    return ProblemResponse(Problem(404, "No such operation"), trace_id)
