"""The control API: what was seen, what shall go wrong, and the money by hand."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from epos.simulator.accounts import NOBODY, DojoAccount, api_key
from epos.simulator.calls import RequesterHeaders
from epos.simulator.faults import ImpossibleFault, InjectedFault
from epos.simulator.formats import now_text
from epos.simulator.forms import CaptureForm, RefundForm
from epos.simulator.intents import books
from epos.simulator.problems import Problem
from epos.simulator.routes.dependencies import TheAccount, TheAccounts

Json = dict[str, Any]
router = APIRouter(prefix="/sim", tags=["Control: seen and done"])


class KeyForm(BaseModel):
    """An API key that will be used."""

    apiKey: str


class Ending(StrEnum):
    """How a WebSocket ends."""

    DISCONNECT = "disconnect"
    GOING_AWAY = "going-away"
    CLOSE = "close"


class ByHand(StrEnum):
    """What a guest and a merchant may do to a payment."""

    PAY = "pay"
    DECLINE = "decline"
    CAPTURE = "capture"
    REVERSE = "reverse"
    REFUND = "refund"
    CANCEL = "cancel"
    SETTLE = "settle"


class AmountForm(BaseModel):
    """How much of a capture or refund; all that is left without it."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[int, Field(gt=0)] | None = None


class ClockForm(BaseModel):
    """What time it is for the account, and whether it stays so."""

    model_config = ConfigDict(extra="forbid")

    now: AwareDatetime
    frozen: bool = False


class CallForm(BaseModel):
    """Any call: a capability, its ids, its body, and on whose behalf."""

    model_config = ConfigDict(extra="forbid")

    capability: str
    ids: dict[str, str] = Field(default_factory=dict)
    body: Json | None = None
    waiterId: str | None = None
    product: str | None = None
    attempts: Annotated[int, Field(ge=1)] = 1


@router.get("/accounts")
async def list_accounts(accounts: TheAccounts) -> list[Json]:
    """Whoever has used an API key, and how the EPOS of each is reached."""
    return [account.json() for account in accounts.all]


@router.get("/account")
async def one_account(account: TheAccount) -> Json:
    """One of them."""
    return account.json()


@router.post("/accounts")
async def make_account(accounts: TheAccounts, form: KeyForm) -> Json:
    """Know a key before it is used: to arm faults, for one."""
    key = api_key(f"Basic {form.apiKey}")
    if key is None:
        raise HTTPException(400, "an API key starts with sk_sandbox_")
    return accounts.account_of(key).json()


@router.put("/clock")
async def set_clock(account: TheAccount, form: ClockForm) -> Json:
    """Let the account have another time: that of a venue whose time was moved."""
    account.clock.set(form.now, stands=form.frozen)
    return {"now": now_text(), "frozen": form.frozen}


@router.get("/journal")
async def journal(
    account: TheAccount, after: int = 0, method: str | None = None, limit: int = 1000
) -> list[Json]:
    """Every message in and out, oldest first; `after` is a number of an entry."""
    found = account.journal.entries(account.id, after=after, method=method, limit=limit)
    return [entry.json() for entry in found]


@router.get("/violations")
async def violations(account: TheAccount) -> list[Json]:
    """The messages of the EPOS that were not as published."""
    return [entry.json() for entry in account.journal.violations(account.id)]


@router.get("/rejected")
async def rejected(accounts: TheAccounts) -> list[Json]:
    """Requests that named no account: no API key, or no version."""
    return [entry.json() for entry in accounts.shared.journal.entries(NOBODY)]


@router.get("/integrations")
async def integrations(account: TheAccount) -> Json:
    return account.registrations.json()


@router.get("/intents")
async def intents(account: TheAccount) -> list[Json]:
    """Every payment, with the statuses it went through."""
    return [one.json() | {"history": one.history} for one in account.intents]


@router.get("/events")
async def events(account: TheAccount) -> Json:
    """What the EPOS has said has changed: all of it, and for each entity how often and when last."""
    entities: dict[str, Json] = {}
    for one in account.received:
        known = entities.setdefault(one["entity"], {"eventType": one["eventType"], "count": 0})
        known |= {"count": known["count"] + 1, "last": one["at"]}
    return {"entities": entities, "events": account.received}


@router.get("/copies")
async def copies(account: TheAccount) -> Json:
    """What was fetched after those events: the newest of each entity, null for one that is gone."""
    return account.copies.json()


@router.get("/books")
async def the_books(account: TheAccount) -> Json:
    """Captured, reversed, refunded; and what is left for each order."""
    return books(account.intents)


@router.post("/settle")
async def settle(account: TheAccount, seconds: float = 30) -> Json:
    """Wait until every event has been told, and everything fetched."""
    told = await account.payment_events.settle(seconds)
    return {"settled": await account.copies.settle(seconds) and told}


@router.get("/faults")
async def faults(account: TheAccount) -> list[InjectedFault]:
    """What is armed."""
    return list(account.faults)


@router.post("/faults")
async def arm(account: TheAccount, fault: InjectedFault) -> list[InjectedFault]:
    """Let something go wrong."""
    try:
        account.faults.arm(fault)
    except ImpossibleFault as error:
        raise HTTPException(400, str(error)) from None
    return list(account.faults)


@router.delete("/faults")
async def disarm(account: TheAccount) -> list[InjectedFault]:
    account.faults.clear()
    return []


@router.post("/socket/{ending}")
async def end_socket(account: TheAccount, ending: Ending) -> Json:
    """End the connection that the EPOS has opened."""
    return {"wasConnected": await account.socket.disconnect(ending)}


@router.post("/intents/{intent_id}/{action}")
async def by_hand(
    account: TheAccount, intent_id: str, action: ByHand, form: AmountForm | None = None
) -> Json:
    """Present a card, or what a merchant may do in Dojo's portal."""
    try:
        _act(account, intent_id, action, form.amount if form else None)
        return account.intents.find(intent_id).json()
    except Problem as problem:
        raise HTTPException(problem.status, problem.detail) from None


def _act(account: DojoAccount, intent_id: str, action: ByHand, amount: int | None) -> None:
    intent = account.intents.find(intent_id)
    match action:
        case ByHand.PAY | ByHand.DECLINE:
            account.intents.present_card(intent, declined=action is ByHand.DECLINE)
        case ByHand.CAPTURE:
            form = CaptureForm(amount=amount or intent.total - intent.captured)
            account.intents.capture(intent, form)
        case ByHand.REVERSE:
            account.intents.reverse(intent)
        case ByHand.REFUND:
            refund = RefundForm(amount=amount or intent.captured - intent.refunded)
            account.intents.refund(intent, refund, account.ids.new("key"))
        case ByHand.CANCEL:
            account.intents.cancel(intent)
        case ByHand.SETTLE:
            account.intents.settle(intent)


@router.post("/call")
async def call(account: TheAccount, form: CallForm) -> Json:
    """One call of any registered capability, and what came of it."""
    requester = RequesterHeaders(form.product, form.waiterId)
    reply = await account.caller.call(
        form.capability, form.ids, form.body, requester=requester, attempts=form.attempts
    )
    return {
        "answer": reply.answer,
        "error": reply.error,
        "silence": reply.silence,
        "status": reply.status,
        "violations": reply.violations,
    }
