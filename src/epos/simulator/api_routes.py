"""The operations of Dojo's API: registration, events of the EPOS, payment intents."""

from typing import Any

from starlette.routing import Route

from epos.simulator.api_host import ApiCall, Handler, api_route
from epos.simulator.forms import (
    CaptureForm,
    IntentForm,
    RefundForm,
    RestIntegrationForm,
    SocketIntegrationForm,
    read_form,
)
from epos.simulator.integrations import registration_violations
from epos.simulator.intents import Intent
from epos.simulator.problems import Problem
from epos.simulator.world import World

Json = dict[str, Any]
_EVENTS = {
    "OrderUpdated": "orderId",
    "PartyUpdated": "partyId",
    "ReservationUpdated": "reservationId",
}
_LONGEST_KEY = 100


def api_routes(world: World) -> list[Route]:
    """Method and path as published."""
    intent = "/payment-intents/{paymentIntentId}"
    table: list[tuple[str, str, Handler]] = [
        ("PUT", "/epos/integrations/rest", _register_rest),
        ("PUT", "/epos/integrations/ws", _register_socket),
        ("GET", "/epos/integrations", _integrations),
        ("GET", "/epos/integrations/rest", _rest_integrations),
        ("GET", "/epos/integrations/ws", _socket_integrations),
        ("GET", "/epos/integrations/dojo", _dojo_integrations),
        ("POST", "/epos/events", _event),
        ("POST", "/payment-intents", _create_intent),
        ("GET", intent, _get_intent),
        ("DELETE", intent, _cancel_intent),
        ("POST", f"{intent}/captures", _capture),
        ("POST", f"{intent}/reversal", _reverse),
        ("POST", f"{intent}/refunds", _refund),
    ]
    return [api_route(world, *row) for row in table]


async def _register_rest(call: ApiCall) -> list[Json]:
    form = read_form(RestIntegrationForm, call.body)
    call.violations += registration_violations(form.capabilities)
    call.account.integrations.register_rest(form)
    return call.account.integrations.rest_json()


async def _register_socket(call: ApiCall) -> list[Json]:
    form = read_form(SocketIntegrationForm, call.body)
    call.violations += registration_violations(form.capabilities)
    call.account.integrations.register_socket(form)
    return call.account.integrations.socket_json()


async def _integrations(call: ApiCall) -> Json:
    return call.account.integrations.json()


async def _rest_integrations(call: ApiCall) -> list[Json]:
    return call.account.integrations.rest_json()


async def _socket_integrations(call: ApiCall) -> list[Json]:
    return call.account.integrations.socket_json()


async def _dojo_integrations(call: ApiCall) -> list[Json]:
    managed: list[Json] = call.account.integrations.json()["dojoManagedIntegrations"]
    return managed


async def _event(call: ApiCall) -> Json:
    """The echo of it. Only ids of the EPOS are in it: Dojo fetches what it wants to know."""
    body = call.body
    if not isinstance(body, dict) or not isinstance(body.get("event"), dict):
        raise Problem(400, "eventType and event are required")
    kind = str(body.get("eventType"))
    name = _EVENTS.get(kind)
    entity = body["event"].get(name) if name else None
    if name is None or not isinstance(entity, str) or not entity:
        raise Problem(400, f"event must have {name or 'an id'} for {kind}")
    extra = [*(body.keys() - {"eventType", "event"}), *(body["event"].keys() - {name})]
    call.violations += [f"{one}: is not a property of this event" for one in extra]
    call.account.hear(kind, entity)
    return body


async def _create_intent(call: ApiCall) -> Json:
    return call.account.intents.create(read_form(IntentForm, call.body)).json()


async def _get_intent(call: ApiCall) -> Json:
    intent = _intent(call)
    if intent.is_canceled and call.query.get("returnCanceled") != "true":
        raise Problem(404, "The payment intent does not exist")
    return intent.json()


async def _cancel_intent(call: ApiCall) -> Json:
    return call.account.intents.cancel(_intent(call)).json()


async def _capture(call: ApiCall) -> Json:
    form = read_form(CaptureForm, call.body)
    return call.account.intents.capture(_intent(call), form)


async def _reverse(call: ApiCall) -> Json:
    return call.account.intents.reverse(_intent(call))


async def _refund(call: ApiCall) -> Json:
    key = call.headers.get("idempotencykey", "")
    if not 0 < len(key) <= _LONGEST_KEY:
        raise Problem(400, "The idempotencyKey header is required, at most 100 characters")
    return call.account.intents.refund(_intent(call), read_form(RefundForm, call.body), key)


def _intent(call: ApiCall) -> Intent:
    return call.account.intents.find(call.path["paymentIntentId"])
