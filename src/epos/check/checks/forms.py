"""Schema by schema: the answer of each operation against its published model."""

from collections.abc import Awaitable, Callable

from epos.check import bodies
from epos.check.exchanges import REST, Exchange
from epos.check.registry import BOTH, Check, Obligation, register, spec
from epos.check.subject import TOTAL, Epos, NotTried
from epos.contract.operations import OPERATIONS, Operation, by_capability
from epos.simulator.checks import form_violations
from epos.simulator.formats import in_seconds
from epos.simulator.journal import MessageTransport

_ASK: dict[str, Callable[[Epos], Awaitable[Exchange]]] = {}
_READS = {
    *("ListAreas", "SearchTables", "SearchOrders", "SearchParties", "SearchReservations"),
    *("GetOrderById", "GetPartyById", "GetReservationById", "GetOrderBillById"),
}
_NOT_PROVED = (
    "That other answers of this operation have the right form: one request was sent. "
    "What the answer says may still be wrong."
)


def _form_of(capability: str) -> Callable[[Callable[[Epos], Awaitable[Exchange]]], None]:
    def add(ask: Callable[[Epos], Awaitable[Exchange]]) -> None:
        _ASK[capability] = ask

    return add


def _register(operation: Operation) -> None:
    capability = operation.capability

    async def work(epos: Epos) -> None:
        exchange = await _ASK[capability](epos)
        epos.offered(exchange)
        _judge(epos, operation, exchange)

    kind = "empty body" if operation.response is None else "answer"
    register(
        Check(
            name=f"forms.{capability}",
            obligation=Obligation.MUST,
            reason=f"A right request gets 200, and the {kind} has the published form: required "
            "properties, types, whole minor units, times with a zone, nothing null.",
            source=spec(capability, "200"),
            not_proved=_NOT_PROVED,
            needs=(capability,),
            products=operation.products,
            writes=capability not in _READS,
            transports=BOTH,
            work=work,
        )
    )


def _judge(epos: Epos, operation: Operation, exchange: Exchange) -> None:
    content = epos.granted(exchange, "the published form")
    rest = exchange.transport == REST
    transport = MessageTransport.REST if rest else MessageTransport.WEBSOCKET
    found = form_violations(operation, content, transport)
    unwrapped = operation.capability == "SearchTables" and rest and isinstance(content, dict)
    if unwrapped and not form_violations(operation, [content], transport):
        epos.loose("the page itself, not an array with one page")
        found = []
    if rest and exchange.received.status != 200:
        epos.loose(f"status {exchange.received.status}, not 200")
    epos.expect(not found, "the published form", "; ".join(found[:5]), exchange)


async def _some(epos: Epos, search: str, make: Callable[[], Awaitable[str]]) -> str:
    """The id of something that is there, or of something new."""
    page = (await epos.ask(search, {"cursor": {"limit": 1}})).content
    rows = page.get("data") if isinstance(page, dict) else None
    if rows and isinstance(rows[0], dict) and isinstance(rows[0].get("id"), str):
        return str(rows[0]["id"])
    if not epos.world.options.write:
        raise NotTried("there is none, and none may be made without --write")
    return await make()


async def _an_order(epos: Epos) -> str:
    return await _some(epos, "SearchOrders", epos.order)


async def _a_party(epos: Epos) -> str:
    async def made() -> str:
        return str((await epos.party())["id"])

    return await _some(epos, "SearchParties", made)


async def _a_reservation(epos: Epos) -> str:
    async def made() -> str:
        return str((await epos.reservation())["id"])

    return await _some(epos, "SearchReservations", made)


@_form_of("ListAreas")
async def _(epos: Epos) -> Exchange:
    return await epos.ask("ListAreas")


@_form_of("SearchTables")
async def _(epos: Epos) -> Exchange:
    return await epos.ask("SearchTables")


@_form_of("SearchOrders")
async def _(epos: Epos) -> Exchange:
    if epos.world.options.write and "CreateOrder" not in epos.world.unclaimed:
        await _create(epos)  # so that the page is not empty
    return await epos.ask("SearchOrders")


@_form_of("CreateOrder")
async def _(epos: Epos) -> Exchange:
    return await _create(epos)


async def _create(epos: Epos) -> Exchange:
    body = bodies.order(epos.new_id("order"), epos.world.currency, TOTAL, epos.world.table_id)
    exchange = await epos.ask("CreateOrder", body)
    if isinstance(exchange.content, dict) and "id" in exchange.content:
        epos.tidy_order(exchange.content["id"])
    return exchange


@_form_of("GetOrderById")
async def _(epos: Epos) -> Exchange:
    return await epos.ask("GetOrderById", orderId=await _an_order(epos))


@_form_of("CancelOrderById")
async def _(epos: Epos) -> Exchange:
    return await epos.ask("CancelOrderById", orderId=await epos.order())


@_form_of("CreateOrderLock")
async def _(epos: Epos) -> Exchange:
    return await epos.lock(await epos.order())


async def _locked(epos: Epos) -> tuple[str, str]:
    order_id, lock_id = await epos.order(), epos.new_id("lock")
    epos.ready(await epos.lock(order_id, lock_id), "CreateOrderLock")
    return order_id, lock_id


@_form_of("ExtendOrderLock")
async def _(epos: Epos) -> Exchange:
    order_id, lock_id = await _locked(epos)
    body = {"expiry": in_seconds(90)}
    return await epos.ask("ExtendOrderLock", body, orderId=order_id, lockId=lock_id)


@_form_of("DeleteOrderLock")
async def _(epos: Epos) -> Exchange:
    order_id, lock_id = await _locked(epos)
    return await epos.ask("DeleteOrderLock", orderId=order_id, lockId=lock_id)


@_form_of("GetOrderBillById")
async def _(epos: Epos) -> Exchange:
    return await epos.ask("GetOrderBillById", orderId=await _an_order(epos))


@_form_of("RecordOrderPaymentById")
async def _(epos: Epos) -> Exchange:
    return await epos.record(await epos.order(), epos.payment(500, tip=50))


@_form_of("SearchParties")
async def _(epos: Epos) -> Exchange:
    return await epos.ask("SearchParties")


@_form_of("CreateParty")
async def _(epos: Epos) -> Exchange:
    if not epos.world.free_tables:
        raise NotTried("no table is free")
    body = bodies.party(epos.new_id("party"), epos.world.free_tables[:1])
    exchange = await epos.ask("CreateParty", body)
    if isinstance(exchange.content, dict) and "id" in exchange.content:
        epos.tidy_party(exchange.content["id"])
    return exchange


@_form_of("GetPartyById")
async def _(epos: Epos) -> Exchange:
    return await epos.ask("GetPartyById", partyId=await _a_party(epos))


@_form_of("UpdateParty")
async def _(epos: Epos) -> Exchange:
    party = await epos.party()
    body = bodies.party(party["dojoPartyId"], party["tableIds"])
    return await epos.ask("UpdateParty", body, partyId=party["id"])


@_form_of("DeletePartyById")
async def _(epos: Epos) -> Exchange:
    return await epos.ask("DeletePartyById", partyId=(await epos.party())["id"])


@_form_of("SearchReservations")
async def _(epos: Epos) -> Exchange:
    return await epos.ask("SearchReservations")


@_form_of("CreateReservation")
async def _(epos: Epos) -> Exchange:
    exchange = await epos.ask("CreateReservation", epos.reservation_body())
    if isinstance(exchange.content, dict) and "id" in exchange.content:
        epos.tidy_reservation(exchange.content["id"])
    return exchange


@_form_of("GetReservationById")
async def _(epos: Epos) -> Exchange:
    return await epos.ask("GetReservationById", reservationId=await _a_reservation(epos))


@_form_of("UpdateReservation")
async def _(epos: Epos) -> Exchange:
    made = await epos.reservation()
    body = epos.reservation_body() | {"dojoReservationId": made["dojoReservationId"]}
    return await epos.ask("UpdateReservation", body, reservationId=made["id"])


@_form_of("DeleteReservationById")
async def _(epos: Epos) -> Exchange:
    made = await epos.reservation()
    return await epos.ask("DeleteReservationById", reservationId=made["id"])


@_form_of("HandleEvent")
async def _(epos: Epos) -> Exchange:
    return await epos.tell(epos.new_id("pi_sandbox"), "Created")


# CreateOrder first: most of the others need an order.
_FIRST = ("ListAreas", "SearchTables", "CreateOrder", "CancelOrderById")
_REST = [one.capability for one in OPERATIONS if one.capability not in _FIRST]
for _name in (*_FIRST, *_REST):
    _operation = by_capability(_name)
    assert _operation is not None  # noqa: S101 - the registry names itself
    _register(_operation)
