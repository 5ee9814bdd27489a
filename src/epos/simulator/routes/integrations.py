"""Dojo's API: what an EPOS registers, and how Dojo reaches it."""

from typing import Any

from fastapi import APIRouter

from epos.simulator.forms import RestIntegrationForm, SocketIntegrationForm
from epos.simulator.registrations import registration_violations
from epos.simulator.routes.dojo_route import REFUSALS, DojoRoute, TheCall

Json = dict[str, Any]
router = APIRouter(
    prefix="/epos/integrations",
    tags=["Dojo's API: integrations"],
    route_class=DojoRoute,
    responses=REFUSALS,
)


@router.put("/rest")
async def register_rest(form: RestIntegrationForm, call: TheCall) -> list[Json]:
    """Register the capabilities that Dojo calls over REST, and where."""
    call.violations += registration_violations(form.capabilities)
    call.account.registrations.register_rest(form)
    return call.account.registrations.rest_json()


@router.put("/ws")
async def register_socket(form: SocketIntegrationForm, call: TheCall) -> list[Json]:
    """Register the capabilities that Dojo calls over the WebSocket."""
    call.violations += registration_violations(form.capabilities)
    call.account.registrations.register_socket(form)
    return call.account.registrations.socket_json()


@router.get("")
async def list_integrations(call: TheCall) -> Json:
    """List all registrations."""
    return call.account.registrations.json()


@router.get("/rest")
async def list_rest_integrations(call: TheCall) -> list[Json]:
    """List the registrations for REST."""
    return call.account.registrations.rest_json()


@router.get("/ws")
async def list_socket_integrations(call: TheCall) -> list[Json]:
    """List the registrations for the WebSocket."""
    return call.account.registrations.socket_json()


@router.get("/dojo")
async def list_dojo_integrations(call: TheCall) -> list[Json]:
    """List the integrations that Dojo manages: always none."""
    managed: list[Json] = call.account.registrations.json()["dojoManagedIntegrations"]
    return managed
