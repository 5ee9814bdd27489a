"""Dojo's API: payment intents."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query

from epos.simulator.forms import CaptureForm, IntentForm, RefundForm
from epos.simulator.intents import Intent
from epos.simulator.problems import Problem
from epos.simulator.routes.dojo_route import REFUSALS, DojoRoute, TheCall

Json = dict[str, Any]
router = APIRouter(
    prefix="/payment-intents",
    tags=["Dojo's API: payment intents"],
    route_class=DojoRoute,
    responses=REFUSALS,
)
ReturnCanceled = Annotated[bool, Query(alias="returnCanceled")]
IdempotencyKey = Annotated[str, Header(alias="idempotencyKey", min_length=1, max_length=100)]


def _intent_of(call: TheCall, intent_id: Annotated[str, Path(alias="paymentIntentId")]) -> Intent:
    return call.account.intents.find(intent_id)


TheIntent = Annotated[Intent, Depends(_intent_of)]


@router.post("")
async def create_intent(form: IntentForm, call: TheCall) -> Json:
    """Create a payment intent."""
    return call.account.intents.create(form).json()


@router.get("/{paymentIntentId}")
async def get_intent(intent: TheIntent, *, return_canceled: ReturnCanceled = False) -> Json:
    """Read a payment intent; a canceled one only with `returnCanceled`."""
    if intent.is_canceled and not return_canceled:
        raise Problem(404, "The payment intent does not exist")
    return intent.json()


@router.delete("/{paymentIntentId}")
async def cancel_intent(intent: TheIntent, call: TheCall) -> Json:
    """Cancel a payment intent that nobody has paid."""
    return call.account.intents.cancel(intent).json()


@router.post("/{paymentIntentId}/captures")
async def capture_intent(intent: TheIntent, form: CaptureForm, call: TheCall) -> Json:
    """Take the money that is held, or a part of it."""
    return call.account.intents.capture(intent, form)


@router.post("/{paymentIntentId}/reversal")
async def reverse_intent(intent: TheIntent, call: TheCall) -> Json:
    """Give back everything that is held or taken; not what a terminal took."""
    call.account.intents.require_reversible(intent)
    return call.account.intents.reverse(intent)


@router.post("/{paymentIntentId}/refunds")
async def refund_intent(
    intent: TheIntent, form: RefundForm, call: TheCall, key: IdempotencyKey
) -> Json:
    """Give back money that has been settled, or a part of it; not what a terminal took."""
    call.account.intents.require_refundable(intent)
    return call.account.intents.refund(intent, form, key)
