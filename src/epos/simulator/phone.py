"""A guest's phone: order and pay, or only pay."""

from typing import Any

from epos.contract.events import CaptureMode
from epos.simulator.accounts import DojoAccount
from epos.simulator.calls import RequesterHeaders
from epos.simulator.flows import FlowEnded, FlowRun
from epos.simulator.forms import IntentForm, MoneyForm, OrderReferenceForm
from epos.simulator.intents import Intent
from epos.simulator.order_session import OrderSession, pay_parts
from epos.simulator.wishes import OrderWish, PaymentWish

Json = dict[str, Any]
PRODUCT = "Order&Pay"
REQUESTER = RequesterHeaders(product=PRODUCT)


class GuestPhone:
    """Order & Pay. The money is held first and taken when the EPOS has the order."""

    def __init__(self, account: DojoAccount) -> None:
        self._account = account

    async def order(self, run: FlowRun, wish: OrderWish) -> None:
        """Authorise, create, capture; what the EPOS refuses is given back. Raises FlowEnded."""
        body = self._basket(wish)
        intent = self._authorised(run, wish, body)
        body["payments"] = [_payment(intent)]
        reply = await self._account.caller.call("CreateOrder", body=body, requester=REQUESTER)
        if not reply.ok:
            self._account.intents.give_back(intent)
        order: Json = run.replied("created", reply, f"{len(body['items'])} items")
        intent.order_id = order["id"]
        run.data["orderId"] = order["id"]
        run.expect("the total is what was ordered", order["totalAmount"], body["totalAmount"])
        run.expect("the payment is recorded", order.get("paidAmount"), body["totalAmount"])
        self._account.intents.capture_all(intent)
        run.step("captured", intent.id)
        await self._see_it_paid(run, intent)

    async def pay(self, run: FlowRun, wish: PaymentWish) -> None:
        """Pay an open bill, as a terminal does, with money that is held first. Raises FlowEnded."""
        requester = RequesterHeaders(product=PRODUCT, device_type="Phone")
        session = OrderSession(self._account, requester, CaptureMode.Manual)
        await session.find(run, wish.orderId, wish.tableId)
        run.data |= {"orderId": session.order_id, "paymentIntentIds": []}
        await pay_parts(run, session, wish)

    def _basket(self, wish: OrderWish) -> Json:
        items = wish.items if wish.items is not None else _meal(wish.currency)
        total = sum(map(_price, items)) if wish.totalAmount is None else wish.totalAmount
        body = {
            "dojoOrderId": self._account.ids.new("order"),
            "items": items,
            "totalAmount": _money(total, wish.currency),
            "details": _details(wish.tableId),
        }
        return body if wish.note is None else body | {"note": wish.note}

    def _authorised(self, run: FlowRun, wish: OrderWish, body: Json) -> Intent:
        """Raises FlowEnded when the card is declined."""
        form = IntentForm(
            amount=MoneyForm(**body["totalAmount"]),
            tipsAmount=MoneyForm(**_money(wish.tip, wish.currency)) if wish.tip else None,
            reference=body["dojoOrderId"],
            captureMode="Manual",
            orderDetails=OrderReferenceForm(id=body["dojoOrderId"]),
        )
        intent = self._account.intents.create(form)
        run.data["paymentIntentIds"] = [intent.id]
        self._account.intents.present_card(intent, declined=wish.declined)
        if wish.declined:
            run.step("declined", "nothing is ordered")
            raise FlowEnded("declined", ok=True)
        run.step("authorised", intent.summary)
        return intent

    async def _see_it_paid(self, run: FlowRun, intent: Intent) -> None:
        if not self._account.caller.can("GetOrderById"):
            return
        ids = {"orderId": intent.order_id}
        reply = await self._account.caller.call("GetOrderById", ids, requester=REQUESTER)
        order = run.replied("read again", reply, "")
        shown = [one["paymentIntentId"] for one in order.get("payments", [])]
        run.expect("the payment is there once", shown.count(intent.id), 1)


def _payment(intent: Intent) -> Json:
    payment = {
        "paymentIntentId": intent.id,
        "paidAmount": _money(intent.paid, intent.currency),
    }
    tip = {"tipsAmount": _money(intent.tip, intent.currency)} if intent.tip else {}
    return payment | tip


def _details(table_id: str | None) -> Json:
    if table_id is None:
        return {"orderType": "Collection", "collection": {"asap": True}}
    return {"orderType": "DineIn", "dineIn": {"tableId": table_id}}


def _meal(currency: str) -> list[Json]:
    cheese = {
        "name": "Extra cheese",
        "plu": "9001",
        "quantity": 1,
        "amountPerModifier": _money(120, currency),
    }
    burgers = {
        "name": "Burger",
        "plu": "2001",
        "quantity": 2,
        "amountPerItem": _money(1250, currency),
        "modifiers": [cheese],
    }
    lemonade = {
        "name": "Lemonade",
        "plu": "3001",
        "quantity": 1,
        "amountPerItem": _money(340, currency),
    }
    return [burgers, lemonade]


def _price(item: Json) -> int:
    """Modifiers are per single item."""
    modifiers = sum(
        one["quantity"] * one["amountPerModifier"]["value"] for one in item.get("modifiers", [])
    )
    price: int = item["quantity"] * (item["amountPerItem"]["value"] + modifiers)
    return price


def _money(value: int, currency: str) -> Json:
    return {"value": value, "currencyCode": currency}
