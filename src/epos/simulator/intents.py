"""Payment intents: the money as Dojo sees it."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from epos.contract.events import CaptureMode, EventType
from epos.contract.events import PaymentIntentStatus as Status
from epos.simulator.formats import DojoIds, amount_text, now_text
from epos.simulator.forms import CaptureForm, IntentForm, RefundForm
from epos.simulator.problems import Problem

Json = dict[str, Any]
_OPEN = (Status.Authorized, Status.Captured)


@dataclass(slots=True)
class Intent:
    """One payment. Amounts are minor units of one currency."""

    id: str
    form: IntentForm
    secret: str
    order_id: str | None
    """The EPOS's id of the order, once it is known."""
    status: Status = Status.Created
    captures: list[Json] = field(default_factory=list)
    at_terminal: bool = False
    """Whether a card machine took the money: only a card machine can refund it then."""
    is_settled: bool = False
    """Whether the money has reached the merchant: Dojo's API refuses refunds before."""
    refunded: int = 0
    refunds: dict[str, Json] = field(default_factory=dict)
    """Answers by idempotency key."""
    history: list[Status] = field(default_factory=lambda: [Status.Created])
    created_at: str = field(default_factory=now_text)
    updated_at: str = field(default_factory=now_text)

    @property
    def currency(self) -> str:
        return self.form.amount.currencyCode

    @property
    def paid(self) -> int:
        """What pays the order: the amount and the service charge."""
        service = self.form.serviceChargeAmount
        return self.form.amount.value + (service.value if service else 0)

    @property
    def tip(self) -> int:
        return self.form.tipsAmount.value if self.form.tipsAmount else 0

    @property
    def total(self) -> int:
        cashback = self.form.cashbackAmount
        return self.paid + self.tip + (cashback.value if cashback else 0)

    @property
    def summary(self) -> str:
        """For people: `GBP 12.50, tip GBP 1.25`."""
        return (
            f"{amount_text(self.paid, self.currency)}, tip {amount_text(self.tip, self.currency)}"
        )

    @property
    def is_canceled(self) -> bool:
        return self.status is Status.Canceled

    @property
    def captured(self) -> int:
        return sum(one["amount"] + (one.get("tipsAmount") or 0) for one in self.captures)

    def json(self) -> Json:
        """A PaymentIntent as published; what is not known is left out."""
        sent = self.form.model_dump(mode="json", exclude_none=True)
        order = {**sent.get("orderDetails", {})}
        if self.order_id is not None:
            order["externalId"] = self.order_id
        return {
            **{name: sent[name] for name in _ANSWERED if name in sent},
            "id": self.id,
            "captureMode": self.form.captureMode,
            "clientSessionSecret": self.secret,
            "status": self.status.value,
            "requestedAmount": sent["amount"],
            "totalAmount": self._money(self.total),
            "refundedAmount": self.refunded,
            "orderDetails": order,
            "captures": self.captures,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
        }

    def _money(self, value: int) -> Json:
        return {"value": value, "currencyCode": self.currency}


_ANSWERED = (
    "amount",
    "tipsAmount",
    "serviceChargeAmount",
    "cashbackAmount",
    "reference",
    "description",
    "metadata",
    "itemLines",
    "taxLines",
    "paymentMethods",
)
_AT_TERMINAL = "A terminal took this payment: refund it in a terminal session of type MatchedRefund"
Notify = Callable[[Intent, EventType], None]


class Intents:
    """The intents of one account; every change is told."""

    def __init__(self, ids: DojoIds, notify: Notify) -> None:
        self._ids = ids
        self._notify = notify
        self._intents: dict[str, Intent] = {}
        self._late: set[asyncio.Task[None]] = set()

    def __iter__(self) -> Iterator[Intent]:
        return iter(self._intents.values())

    def create(self, form: IntentForm) -> Intent:
        order_id = form.orderDetails.externalId if form.orderDetails else None
        intent_id = self._ids.new("pi_sandbox")
        intent = Intent(intent_id, form, self._ids.new("secret"), order_id)
        self._intents[intent.id] = intent
        self._notify(intent, EventType.payment_intent_created)
        return intent

    def find(self, intent_id: str) -> Intent:
        intent = self._intents.get(intent_id)
        if intent is None:
            raise Problem(404, "The payment intent does not exist")
        return intent

    def present_card(
        self, intent: Intent, *, declined: bool = False, at_terminal: bool = False
    ) -> None:
        """The card is accepted: the money is held, and taken at once if the mode is Auto.

        After a declined one the guest gives up: the intent is canceled.
        """
        if declined:
            _require(intent, Status.Created)
            self.cancel(intent)
            return
        self.authorize(intent, at_terminal=at_terminal)
        if intent.form.captureMode == CaptureMode.Auto:
            self.capture_all(intent)

    def authorize(self, intent: Intent, *, at_terminal: bool = False) -> None:
        """Hold the money."""
        _require(intent, Status.Created)
        intent.at_terminal = at_terminal
        self._move(intent, Status.Authorized)

    def capture_late(self, intent: Intent, seconds: float) -> None:
        """In the background: take the money all the same, as the sandbox does."""
        task = asyncio.create_task(self._capture_after(intent, seconds))
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _capture_after(self, intent: Intent, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if intent.status is Status.Authorized:
            self.capture_all(intent)

    def settle(self, intent: Intent) -> None:
        """The money reaches the merchant."""
        _require(intent, Status.Captured)
        intent.is_settled = True

    def capture(self, intent: Intent, form: CaptureForm) -> Json:
        """`amount` is of the total, of which a tip may be told apart."""
        _require(intent, *_OPEN)
        taken = form.amount + (form.tipsAmount or 0)
        if taken == 0 or intent.captured + taken > intent.total:
            raise Problem(400, "The amount is more than is left to capture, or nothing")
        capture = {
            "id": self._ids.new("cp"),
            **form.model_dump(exclude_none=True),
            "status": "Successful",
            "createdAt": now_text(),
        }
        intent.captures.append(capture)
        self._move(intent, Status.Captured)
        return {"message": "Captured", "captureId": capture["id"]}

    def capture_all(self, intent: Intent) -> Json:
        whole = CaptureForm(amount=intent.total - intent.tip, tipsAmount=intent.tip or None)
        return self.capture(intent, whole)

    def require_reversible(self, intent: Intent) -> None:
        """The conditions of Dojo's API, which the merchant's portal does not have. Raises Problem."""
        if intent.captures and intent.at_terminal:
            raise Problem(400, _AT_TERMINAL)
        if intent.captures and intent.form.captureMode != CaptureMode.Auto:
            raise Problem(400, "Only payments with captureMode Auto can be reversed")

    def require_refundable(self, intent: Intent) -> None:
        """The conditions of Dojo's API, which the merchant's portal does not have. Raises Problem."""
        if intent.captures and intent.at_terminal:
            raise Problem(400, _AT_TERMINAL)
        if intent.captures and not intent.is_settled:
            raise Problem(400, "Your refund request was not successful. Status: Failed.")

    def reverse(self, intent: Intent) -> Json:
        _require(intent, *_OPEN)
        self._move(intent, Status.Reversed)
        return {"message": "Reversed", "reversalId": self._ids.new("rvs")}

    def refund(self, intent: Intent, form: RefundForm, key: str) -> Json:
        """Any part of what was captured. `Refunded` is said of a part as well as of the whole."""
        if key in intent.refunds:
            return intent.refunds[key]
        _require(intent, Status.Captured, Status.Refunded, status=400)
        if intent.refunded + form.amount > intent.captured:
            raise Problem(400, "The amount is more than is left to refund")
        intent.refunded += form.amount
        answer = {"paymentIntentId": intent.id, "refundId": self._ids.new("rfnd")}
        told = {"refundReason": form.refundReason, "notes": form.notes}
        answer |= {name: value for name, value in told.items() if value is not None}
        intent.refunds[key] = answer
        self._move(intent, Status.Refunded)
        return answer

    def cancel(self, intent: Intent) -> Intent:
        _require(intent, Status.Created, status=400)
        self._move(intent, Status.Canceled)
        return intent

    def give_back(self, intent: Intent) -> None:
        """Whatever undoes it: a reversal of what is held or taken, else a cancellation."""
        if intent.status in _OPEN:
            self.reverse(intent)
        elif intent.status is Status.Created:
            self.cancel(intent)

    def _move(self, intent: Intent, status: Status) -> None:
        intent.status = status
        intent.history.append(status)
        intent.updated_at = now_text()
        self._notify(intent, EventType.payment_intent_status_updated)


def _require(intent: Intent, *allowed: Status, status: int = 409) -> None:
    if intent.status not in allowed:
        raise Problem(status, f"The payment intent is {intent.status}")


def books(intents: Iterable[Intent]) -> Json:
    """Captured, reversed and refunded, and what is left for each order: paid and tips."""
    sums = {"captured": 0, "reversed": 0, "refunded": 0}
    orders: dict[str, dict[str, int]] = defaultdict(lambda: {"paid": 0, "tips": 0})
    for intent in intents:
        sums["captured"] += intent.captured
        sums["refunded"] += intent.refunded
        if intent.status is Status.Reversed:
            sums["reversed"] += intent.captured
        elif intent.order_id is not None and _counts(intent):
            orders[intent.order_id]["paid"] += intent.paid
            orders[intent.order_id]["tips"] += intent.tip
    net = sums["captured"] - sums["reversed"] - sums["refunded"]
    return {**sums, "net": net, "orders": dict(orders)}


def _counts(intent: Intent) -> bool:
    """A payment refunded in part still counts in full: no event says how much is left of it."""
    return intent.captured > 0 and intent.refunded < intent.captured
