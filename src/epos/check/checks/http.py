"""What belongs to HTTP and to errors in general."""

from epos.check.exchanges import REST, Exchange, Json
from epos.check.registry import Obligation, check, schema, spec
from epos.check.subject import Epos, NotTried
from epos.simulator.calls import RequesterHeaders
from epos.simulator.checks import error_violations

_MUST, _SHOULD = Obligation.MUST, Obligation.SHOULD
_ONLY_REST = (REST,)
_AUTH = (
    "Dojo API 2026-02-27, PUT /epos/integrations/rest, auth: the flow that Dojo uses for requests"
)
_EVERYBODY = RequesterHeaders("PayAtTable", "epos-check", "device-1", "Terminal")


async def _with(epos: Epos, **changes: object) -> Exchange:
    sent: Json = epos.link.form(epos.call("SearchOrders")) | changes
    return await epos.send("SearchOrders", sent)


@check(
    _MUST,
    "SearchOrders",
    source=_AUTH,
    not_proved="That every operation asks for credentials.",
    writes=False,
    transports=_ONLY_REST,
)
async def without_credentials(epos: Epos) -> None:
    """Whoever has no credentials gets nothing: orders are the venue's business."""
    answer = await _with(epos, credentials=None)
    epos.same(401, answer.received.status, "status")


@check(
    _MUST,
    "SearchOrders",
    source=_AUTH,
    not_proved="That passwords cannot be guessed.",
    writes=False,
    transports=_ONLY_REST,
)
async def wrong_password(epos: Epos) -> None:
    """A wrong password gets nothing."""
    answer = await _with(epos, credentials="wrong")
    epos.same(401, answer.received.status, "status")


@check(
    _MUST,
    "SearchOrders",
    source=spec("SearchOrders", "responses: application/json"),
    not_proved="That every operation says so.",
    writes=False,
    transports=_ONLY_REST,
)
async def answers_are_json(epos: Epos) -> None:
    """An answer says that it is JSON."""
    answer = await _with(epos)
    epos.ready(answer, "SearchOrders")
    kind = answer.received.headers.get("content-type", "none")
    epos.expect(kind.startswith("application/json"), "content-type: application/json", kind)


@check(
    _SHOULD,
    "SearchOrders",
    source="RFC 9110, 15.5.6: 405 Method Not Allowed",
    not_proved="That every path does so.",
    writes=False,
    transports=_ONLY_REST,
)
async def wrong_method(epos: Epos) -> None:
    """A method that a path does not have is 405, or 404."""
    answer = await _with(epos, method="PATCH")
    status = answer.received.status
    epos.expect(status in {404, 405}, "status 405 or 404", f"status {status}")


@check(
    _SHOULD,
    "SearchOrders",
    source="RFC 9110, 15.5.16: 415 Unsupported Media Type",
    not_proved="That other types are refused.",
    writes=False,
    transports=_ONLY_REST,
)
async def wrong_content_type(epos: Epos) -> None:
    """A body that is not JSON by its own word is refused, or read as JSON; it breaks nothing."""
    answer = await _with(epos, text="<orders/>", headers={"content-type": "application/xml"})
    status = answer.received.status or 0
    epos.expect(400 <= status < 500, "status 415 or 400", f"status {status}")


@check(
    _MUST,
    "SearchOrders",
    source="EPOS Data API REST 1.0, parameters: waiter-id, dojo-requesting-product, device-id, device-type",
    not_proved="That the waiter's access rules are right.",
    writes=False,
)
async def all_requester_headers(epos: Epos) -> None:
    """A request that says who asks is answered, also for a waiter that the EPOS does not know."""
    answer = await epos.ask("SearchOrders", {"cursor": {"limit": 1}}, _EVERYBODY)
    refused = answer.kind in {"NotFound", "Conflict", "InvalidRequest"}
    if refused:
        epos.loose(f"{answer.words}: what a wrong waiter gets is not documented")
    epos.expect(answer.ok or refused, "a page, or a refusal", answer.words)


@check(
    _MUST,
    "GetOrderById",
    source=schema("EPOSError", "required: errorType"),
    not_proved="That every error has this form: one refusal was asked for.",
    writes=False,
)
async def errors_have_the_form(epos: Epos) -> None:
    """A refusal is an EPOSError: Dojo decides by its `errorType` what becomes of the money."""
    answer = await epos.ask("GetOrderById", orderId="no-such-order-epos-check")
    if answer.ok or answer.received.silence is not None:
        raise NotTried(f"GetOrderById of an unknown id: {answer.words}")
    found = error_violations(answer.error)
    epos.expect(not found, "an EPOSError", "; ".join(found))


@check(
    _SHOULD,
    "GetOrderById",
    source=schema("EPOSError", "debugMessage, traceId"),
    not_proved="That the trace id leads anywhere.",
    writes=False,
)
async def errors_say_why(epos: Epos) -> None:
    """A refusal says why, and has a trace id: whoever looks into a lost payment needs both."""
    answer = await epos.ask("GetOrderById", orderId="no-such-order-epos-check")
    error = answer.error
    if not isinstance(error, dict) or answer.kind is None:
        raise NotTried("there is no EPOSError: see http.errors-have-the-form")
    missing = [name for name in ("debugMessage", "traceId") if not error.get(name)]
    epos.expect(not missing, "debugMessage and traceId", f"without {' and '.join(missing)}")
