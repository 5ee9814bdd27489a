"""Whether the process lives, and whether it can do its work. Open without a credential."""

from fastapi import APIRouter, Request, Response

from epos.domain.errors import Unavailable
from epos.web.contract_route import ContractRoute

router = APIRouter(route_class=ContractRoute, include_in_schema=False)


@router.api_route("/healthz", methods=["GET", "HEAD"], name="healthz")
async def alive() -> Response:
    """The process lives."""
    return _ok()


@router.api_route("/readyz", methods=["GET", "HEAD"], name="readyz")
async def ready(request: Request) -> Response:
    """The database answers and has the newest schema."""
    if not await request.app.state.is_ready():
        raise Unavailable("The database is not migrated")
    return _ok()


def _ok() -> Response:
    return Response(b'{"status":"ok"}', media_type="application/json")
