"""The WebSocket endpoint that an EPOS dials."""

import asyncio

from starlette.responses import PlainTextResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from epos.simulator.faults import Action, Target
from epos.simulator.journal import Direction, Transport
from epos.simulator.lines import Line
from epos.simulator.problems import Problem
from epos.simulator.world import Account, World, api_key

PATH = "/epos"
_NOBODY = "nobody"


def socket_route(world: World) -> WebSocketRoute:
    """One connection for each key; the newest takes the place of the one before."""

    async def endpoint(websocket: WebSocket) -> None:
        key = api_key(websocket.headers.get("authorization"))
        account = world.account_of(key) if key else None
        try:
            admitted = await _admitted(account, websocket)
        except Problem as refusal:
            _write(world, account, refusal.detail, status=refusal.status)
            denial = PlainTextResponse(refusal.detail, refusal.status)
            await websocket.send_denial_response(denial)
            return
        await websocket.accept()
        _write(world, account, "accepted")
        await admitted.lines.serve(Line(websocket))
        _write(world, account, "closed")

    return WebSocketRoute(PATH, endpoint)


async def _admitted(account: Account | None, websocket: WebSocket) -> Account:
    """Raises Problem."""
    if account is None:
        raise Problem(401, "Authorization must be: Basic, a space, and the API key as it is")
    house = websocket.headers.get("software-house-id")
    if not house:
        raise Problem(400, "The software-house-id header is required")
    account.software_houses.add(house)
    fault = account.faults.take(Target.HANDSHAKE, "handshake")
    if fault and fault.action is Action.DELAY:
        await asyncio.sleep(fault.seconds)
    if fault and fault.action is Action.STATUS:
        raise Problem(fault.status, _ON_PURPOSE)
    return account


_ON_PURPOSE = "Refused on purpose"


def _write(world: World, account: Account | None, note: str, status: int | None = None) -> None:
    wrong = status is not None and note != _ON_PURPOSE
    world.journal.write(
        account.id if account else _NOBODY,
        Direction.FROM_EPOS,
        Transport.WEBSOCKET,
        "handshake",
        "",
        ok=status is None,
        status=status,
        note=note,
        violations=[note] if wrong else [],
    )
