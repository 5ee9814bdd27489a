"""Who acts at a venue: a terminal, a guest's phone, a booking desk, staff, and Dojo itself.

They cause things; nobody sets a state. What cannot happen raises CannotHappen with the reason.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from epos.contract.orders import Order
from epos.contract.parties import Party
from epos.contract.reservations import Reservation
from epos.testing.errors import CannotHappen

Json = dict[str, Any]
Drive = Callable[[str, Json], Json]
"""Let the simulated Dojo do something: a path below `/sim`, and a wish."""
MANAGER = {"waiterId": "100", "pin": "2468"}
"""The manager of the demo venue."""


class HasOrder(Protocol):
    """A tab, or an order of the contract."""

    @property
    def id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Flow:
    """What somebody has done: each step with its outcome, and the payments that were made."""

    outcome: str
    steps: list[Json]
    payment_intent_ids: list[str] = field(default_factory=list)
    data: Json = field(default_factory=dict)

    @classmethod
    def of(cls, told: Json, *, may_end: tuple[str, ...] = ("success",)) -> "Flow":
        """Raises CannotHappen with the steps, if it ended differently."""
        known = {"flow", "ok", "outcome", "steps"}
        flow = cls(
            told["outcome"],
            told["steps"],
            told.get("paymentIntentIds", []),
            {name: value for name, value in told.items() if name not in known},
        )
        if flow.outcome not in may_end:
            raise CannotHappen(f"{told['flow']}: {flow.outcome}\n{flow}")
        return flow

    def __str__(self) -> str:
        marks = {True: "ok", False: "FAILED"}
        return "\n".join(
            f"  {marks[step['ok']]:<7} {step['name']:<28} {step['says']}".rstrip()
            for step in self.steps
        )


class Terminal:
    """A card machine at a table."""

    def __init__(self, drive: Drive) -> None:
        self._drive = drive

    def pay(self, tab: HasOrder, *, tip: int = 0, amount: int | None = None, **wish: Any) -> Flow:
        """Pay what is left, or an amount of it; in minor units. `wish`: more of the simulated Dojo's
        form, such as `bill=True` or `declined=True`.
        """
        asked = {"orderId": tab.id, "tips": [tip] if tip else []} | wish
        if amount is not None:
            asked["amounts"] = [amount]
        ends = ("success", "declined", "signature rejected") if _may_fail(wish) else ("success",)
        return Flow.of(self._drive("terminal/pay", asked), may_end=ends)

    def split(
        self,
        tab: HasOrder,
        *,
        guests: int | None = None,
        amounts: list[int] | None = None,
        tips: list[int] | None = None,
    ) -> Flow:
        """Pay in equal parts for so many guests, or in these amounts; each guest's tip in order."""
        asked: Json = {"orderId": tab.id, "tips": tips or []}
        asked |= {"amounts": amounts} if amounts else {"equal": guests or 2}
        return Flow.of(self._drive("terminal/pay", asked))

    def tip(self, tab: HasOrder, *, percent: int = 10) -> Flow:
        """Pay what is left, with a tip in percent."""
        asked = {"orderId": tab.id, "tipPercent": percent}
        return Flow.of(self._drive("terminal/pay", asked))

    def reversal(self, tab: HasOrder) -> Flow:
        """Pay what is left, then reverse the payment: it is owed again."""
        return Flow.of(self._drive("terminal/reversal", {"orderId": tab.id}))


def _may_fail(wish: Json) -> bool:
    return bool(wish.get("declined")) or wish.get("signature") == "rejected"


class Phone:
    """A guest's phone: Order & Pay and QR Pay."""

    def __init__(self, drive: Drive, table_id: Callable[[str], str]) -> None:
        self._drive = drive
        self._table_id = table_id

    def order(self, *, table: str | None = None, tip: int = 0, **wish: Any) -> Flow:
        """Order and pay at once, at a table or for collection."""
        asked = {"tip": tip} | wish
        if table is not None:
            asked["tableId"] = self._table_id(table)
        return Flow.of(self._drive("phone/order", asked))

    def pay(self, tab: HasOrder, *, tip: int = 0) -> Flow:
        """Pay an open bill."""
        return Flow.of(self._drive("phone/pay", {"orderId": tab.id, "tips": [tip] if tip else []}))


class Desk:
    """A booking desk: reservations and parties."""

    def __init__(self, drive: Drive, table_id: Callable[[str], str], dojo: httpx.Client) -> None:
        self._drive = drive
        self._table_id = table_id
        self._dojo = dojo

    def reserve(
        self, *, table: str, name: str = "Ada Lovelace", covers: int = 2, **wish: Any
    ) -> Reservation:
        """Book a table."""
        asked = {"tableIds": [self._table_id(table)], "name": name, "covers": covers} | wish
        flow = Flow.of(self._drive("desk/reservations", asked))
        return Reservation.model_validate(
            read(self._dojo, f"/v1/reservations/{_made(flow, 'reservation')}")
        )

    def seat(
        self,
        reservation: Reservation | None = None,
        *,
        table: str | None = None,
        name: str | None = None,
        covers: int | None = None,
    ) -> Party:
        """Seat the guests of a reservation, or walk-ins."""
        asked: Json = {"name": name, "covers": covers}
        if reservation is not None:
            asked["reservationId"] = reservation.id
        if table is not None:
            asked["tableIds"] = [self._table_id(table)]
        asked = {key: value for key, value in asked.items() if value is not None}
        flow = Flow.of(self._drive("desk/parties", asked))
        return Party.model_validate(read(self._dojo, f"/v1/parties/{_made(flow, 'party')}"))


def _made(flow: Flow, what: str) -> str:
    """The id of what a flow has made."""
    found = flow.data.get(f"{what}Id") or (flow.data.get(what) or {}).get("id")
    assert isinstance(found, str), flow.data  # noqa: S101 - the simulated Dojo says it
    return found


class Dojo:
    """What Dojo does by itself: it sends events, again and in any order."""

    def __init__(self, drive: Drive, events: Callable[[], list[Json]]) -> None:
        self._drive = drive
        self._events = events

    def resend(
        self,
        event: Json | str | None = None,
        *,
        times: int = 1,
        shuffled: bool = False,
        seed: int = 0,
    ) -> list[Json]:
        """Send events again, as Dojo may. `event`: the body of one, its id, or a payment's status such as
        `Captured`; without it, all that were sent. Returns what was sent. Raises CannotHappen if Dojo has
        sent no such event.
        """
        known = [event] if isinstance(event, dict) else self._of(event)
        sent = known * times
        if shuffled:
            random.Random(seed).shuffle(sent)  # noqa: S311 - the order of a test's messages
        for body in sent:
            capability = f"HandleEvent:{body['event']}"
            self._drive("call", {"capability": capability, "body": body, "attempts": 4})
        return sent

    def _of(self, named: str | None) -> list[Json]:
        known = {body["id"]: body for body in self._events()}
        found = [
            body
            for body in known.values()
            if named in (None, body["id"], body["data"]["paymentStatus"])
        ]
        if not found:
            said = ", ".join(f"{b['id']} ({b['data']['paymentStatus']})" for b in known.values())
            raise CannotHappen(f"Dojo has sent no event {named or ''}; it sent: {said or 'none'}")
        return found


class Staff:
    """The people at the till. A manager approves where one is needed."""

    def __init__(
        self, till: httpx.Client, plu_of: Callable[[str], str], approval: Json | None = None
    ) -> None:
        self._till = till
        self._plu_of = plu_of
        self._approval = approval or MANAGER

    def add(self, tab: HasOrder, *items: str, **more: Any) -> Json:
        """Add items of the menu, by their names."""
        added = [{"plu": self._plu_of(name)} for name in items]
        return self._change(tab, "items", {"items": added} | more)

    def void(self, tab: HasOrder, item: str, *, reason: str = "mistake", **more: Any) -> Json:
        """Void a line of the tab, by the item's name."""
        now = read(self._till, f"/till/v1/tabs/{tab.id}")
        plu = self._plu_of(item)
        line = next((one for one in now["lines"] if one.get("plu") == plu), None)
        if line is None:
            names = ", ".join(one["name"] for one in now["lines"])
            raise CannotHappen(f"The tab has no {item}; it has: {names or 'nothing'}")
        body = {"lineId": line["id"], "reason": reason, "approval": self._approval}
        return self._change(tab, "void", body | more)

    def cash(self, tab: HasOrder, *, amount: int | None = None, tip: int = 0) -> Json:
        """Take cash: what is left, or an amount of it, in minor units."""
        body: Json = {"type": "cash", "tip": tip}
        return self._change(tab, "payments", body | ({"amount": amount} if amount else {}))

    def _change(self, tab: HasOrder, path: str, body: Json) -> Json:
        now = read(self._till, f"/till/v1/tabs/{tab.id}")
        place = f"/till/v1/tabs/{tab.id}/{path}"
        return done(self._till.post(place, json=body | {"version": now["version"]}))


def read(client: httpx.Client, path: str) -> Json:
    return done(client.get(path))


def done(response: httpx.Response) -> Json:
    """The answer of a request. Raises CannotHappen with the server's own reason."""
    if response.status_code != 200:
        try:
            reason = response.json().get("debugMessage", response.text)
        except ValueError:
            reason = response.text
        asked = response.request
        raise CannotHappen(f"{asked.method} {asked.url.path}: {response.status_code}, {reason}")
    told: Json = response.json()
    return told


def order_of(client: httpx.Client, order_id: str) -> Order:
    return Order.model_validate(read(client, f"/v1/orders/{order_id}"))
