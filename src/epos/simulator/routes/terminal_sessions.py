"""Dojo's API: terminals, and the sessions on them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from epos.simulator.forms import SignatureForm, TerminalSessionForm
from epos.simulator.routes.dojo_route import REFUSALS, DojoRoute, TheCall
from epos.simulator.terminal_sessions import TerminalSession

Json = dict[str, Any]
router = APIRouter(tags=["Dojo's API: terminals"], route_class=DojoRoute, responses=REFUSALS)
_SESSION = "/terminal-sessions/{terminalSessionId}"


def _session_of(
    call: TheCall, session_id: Annotated[str, Path(alias="terminalSessionId")]
) -> TerminalSession:
    return call.account.terminal_sessions.find(session_id)


TheSession = Annotated[TerminalSession, Depends(_session_of)]


@router.get("/terminals")
async def list_terminals(
    call: TheCall, statuses: Annotated[list[str] | None, Query()] = None
) -> list[Json]:
    """List the terminals, or those with one of the statuses."""
    terminals = call.account.terminal_sessions.terminals()
    return [one for one in terminals if not statuses or one["status"] in statuses]


@router.post("/terminal-sessions")
async def start_session(form: TerminalSessionForm, call: TheCall) -> Json:
    """Start a sale or a refund on a terminal."""
    return call.account.terminal_sessions.start(form).json()


@router.get(_SESSION)
async def get_session(session: TheSession) -> Json:
    """Read a session and what the terminal shows."""
    return session.json()


@router.put(f"{_SESSION}/cancel")
async def cancel_session(session: TheSession, call: TheCall) -> Json:
    """Ask the terminal to stop, before a card was presented."""
    call.account.terminal_sessions.cancel(session)
    return session.json()


@router.put(f"{_SESSION}/signature")
async def answer_signature(session: TheSession, form: SignatureForm, call: TheCall) -> Json:
    """Say whether the guest's signature is accepted."""
    call.account.terminal_sessions.sign(session, accepted=form.accepted)
    return session.json()
