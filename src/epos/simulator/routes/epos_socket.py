"""The WebSocket endpoint that an EPOS dials."""

import asyncio

from fastapi import APIRouter
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket

from epos.simulator.accounts import NOBODY, Accounts, DojoAccount, api_key
from epos.simulator.connections import EposConnection
from epos.simulator.faults import Action, Target
from epos.simulator.journal import Direction, MessageTransport
from epos.simulator.problems import Problem
from epos.simulator.routes.dependencies import TheAccounts

router = APIRouter()
_ON_PURPOSE = "Refused on purpose"


@router.websocket("/epos")
async def connect_epos(websocket: WebSocket, accounts: TheAccounts) -> None:
    """One connection for each key; the newest takes the place of the one before."""
    key = api_key(websocket.headers.get("authorization"))
    account = accounts.account_of(key) if key else None
    try:
        admitted = await _admitted(account, websocket)
    except Problem as refusal:
        _write(accounts, account, refusal.detail, status=refusal.status)
        denial = PlainTextResponse(refusal.detail, refusal.status)
        await websocket.send_denial_response(denial)
        return
    await websocket.accept()
    _write(accounts, account, "accepted")
    await admitted.socket.serve(EposConnection(websocket))
    _write(accounts, account, "closed")


async def _admitted(account: DojoAccount | None, websocket: WebSocket) -> DojoAccount:
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


def _write(
    accounts: Accounts, account: DojoAccount | None, note: str, status: int | None = None
) -> None:
    wrong = status is not None and note != _ON_PURPOSE
    accounts.shared.journal.write(
        account.id if account else NOBODY,
        Direction.FROM_EPOS,
        MessageTransport.WEBSOCKET,
        "handshake",
        "",
        ok=status is None,
        status=status,
        note=note,
        violations=[note] if wrong else [],
    )
