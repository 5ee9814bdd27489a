"""Whether the process lives, and whether it can do its work. Open without a credential."""

import json

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
    """The database answers and has the newest schema. With `?venue=`, also the node of that venue.

    A node of a cluster that is away is named, and is no failure: it takes only its own venues. One that
    could lose what it has committed is a failure.
    """
    state = request.app.state
    if not await state.is_ready():
        raise Unavailable("The database is not migrated")
    venue_id = request.query_params.get("venue")
    if venue_id is not None:
        await state.ask_node_of(venue_id)  # says nothing of whether there is such a venue
    nodes = await state.nodes()
    if nodes.forgetful:
        raise Unavailable(f"A node could lose what it has committed: {', '.join(nodes.forgetful)}")
    return _ok(nodesAway=nodes.away) if nodes.away else _ok()


def _ok(**more: list[str]) -> Response:
    return Response(
        json.dumps({"status": "ok", **more}, separators=(",", ":")), media_type="application/json"
    )
