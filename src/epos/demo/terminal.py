"""A card machine to try things out. It pays an order of a running server, over HTTP."""

import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import httpx
from pydantic import BaseModel
from pydantic_core import from_json

from epos.contract.base import format_time
from epos.contract.bills import OrderBill
from epos.contract.codec import parse, validate
from epos.contract.errors import ContractViolation, EPOSError
from epos.contract.money import Money
from epos.contract.operation import PAY_AT_TABLE
from epos.contract.orders import Order, PagedOrdersResponse
from epos.contract.tables import PagedTablesResponse, Table
from epos.domain.bill import money
from epos.domain.money import equal_parts, percentage_of
from epos.services import bill_text

Model = TypeVar("Model", bound=BaseModel)

_LEASE = timedelta(seconds=60)
_SECONDS = 15
_HEADERS = {
    "dojo-requesting-product": PAY_AT_TABLE,
    "device-id": "tm_sandbox_demo",
    "device-type": "demo",
}


class TerminalError(Exception):
    """The order could not be paid. The message gives the reason in one line."""


@dataclass(frozen=True, slots=True)
class PaymentPlan:
    """What to pay, and how. `table` is a name or an id; without one, the newest open order is paid.

    `split` is a number of equal parts; `tip`, on each, is in hundredths of a percent.
    """

    table: str | None = None
    split: int = 1
    tip: int = 0


def pay(
    plan: PaymentPlan, url: str, credential: tuple[str, str], say: Callable[[str], None] = print
) -> None:
    """Play the terminal against the server at `url`. Raises TerminalError."""
    try:
        # No proxy: the server is on this machine, or close to it.
        with httpx.Client(
            base_url=url, auth=credential, headers=_HEADERS, timeout=_SECONDS, trust_env=False
        ) as client:
            _Terminal(client, say).pay(plan)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = str(error) or type(error).__name__
        raise TerminalError(
            f"{url} does not answer ({reason}): is `epos serve` running? "
            "EPOS_PORT or --url says where."
        ) from None
    except ContractViolation as error:
        raise TerminalError(f"{url} is no EPOS Data API: {error.message}") from None


class _Terminal:
    def __init__(self, client: httpx.Client, say: Callable[[str], None]) -> None:
        self._client = client
        self._say = say
        self._step = 0

    def pay(self, plan: PaymentPlan) -> None:
        order_id = self._choose(plan.table).id
        with self._locked(order_id) as (order, lock_id):
            parts = _parts(order, plan.split)
            self._tell("The bill")
            self._print_bill(order_id)
            for number, part in enumerate(parts, start=1):
                self._tell(f"Card {number} of {len(parts)}")
                if number > 1:
                    self._extend(order_id, lock_id)
                self._record(order, part, percentage_of(part, plan.tip), lock_id)
        self._tell("The order now")
        self._print_order(order_id)
        self._print_bill(order_id)

    # --- the steps --------------------------------------------------------------------------------

    def _choose(self, table_name: str | None) -> Order:
        self._tell("Open orders")
        search: dict[str, Any] = {"payableOnly": True}
        place = ""
        if table_name is not None:
            table = self._table(table_name)
            search["dineIn"] = {"tableId": table.id}
            place = f" at {table.name}"
        found = self._post(PagedOrdersResponse, "/v1/orders/search", search, "find orders").data
        if not found:
            raise TerminalError(f"there is no order to pay{place}")
        order = found[0]
        self._say(f"   {order.displayName}: {_money(order, _balance(order))} to pay")
        return order

    @contextmanager
    def _locked(self, order_id: str) -> Iterator[tuple[Order, str]]:
        """Lock an order. Gives the order as it is then, and the id of the lock.

        The lock is released whatever happens, so that the next try finds the order free.
        """
        lock_id = f"lock_{uuid4().hex}"
        path = f"/v1/orders/{order_id}/locks/{lock_id}"
        body = {"lockId": lock_id, "expiry": _expiry()}
        self._tell("Lock it")
        order = self._post(Order, f"/v1/orders/{order_id}/lock", body, "lock the order")
        self._say("   nobody else can change it for a minute")
        try:
            yield order, lock_id
        except BaseException:
            with suppress(httpx.HTTPError):
                self._client.delete(path)
            raise
        self._tell("Unlock it")
        self._ask("DELETE", path, None, "unlock the order")
        self._say("   anybody can change it again")

    def _extend(self, order_id: str, lock_id: str) -> None:
        path = f"/v1/orders/{order_id}/locks/{lock_id}"
        self._ask("PUT", path, {"expiry": _expiry()}, "extend the lock")
        self._say("   the lock is extended by a minute")

    def _record(self, order: Order, part: int, tip: int, lock_id: str) -> None:
        body = {
            "paymentIntentId": f"pi_sandbox_{uuid4().hex}",
            "paidAmount": {"value": part, "currencyCode": _currency(order)},
            "tipsAmount": {"value": tip, "currencyCode": _currency(order)},
            "lockId": lock_id,
        }
        path = f"/v1/orders/{order.id}/record-payment"
        after = self._post(Order, path, body, "record the payment")
        tipped = f" and a tip of {_money(order, tip)}" if tip else ""
        left = _money(order, _balance(after))
        self._say(f"   {_money(order, part)}{tipped}: recorded, {left} left to pay")

    def _print_order(self, order_id: str) -> None:
        order = parse(Order, self._ask("GET", f"/v1/orders/{order_id}", None, "read the order"))
        paid, tips = _value(order.paidAmount), _value(order.tipsAmount)
        self._say(
            f"   {order.status}: {_money(order, paid)} paid, {_money(order, tips)} tips, "
            f"{_money(order, _balance(order))} left to pay"
        )

    def _print_bill(self, order_id: str) -> None:
        body = self._ask("GET", f"/v1/orders/{order_id}/bill", None, "print the bill")
        text = bill_text.render(parse(OrderBill, body))
        self._say(textwrap.indent(f"\n{text}", "      "))

    def _table(self, name: str) -> Table:
        cursor: dict[str, Any] = {"limit": 100}
        while True:
            page = self._tables(cursor)
            for table in page.data:
                if name.casefold() in (table.name.casefold(), table.id.casefold()):
                    return table
            if page.after is None:
                raise TerminalError(f"there is no table {name}")
            cursor["after"] = page.after

    def _tables(self, cursor: dict[str, Any]) -> PagedTablesResponse:
        """One page of tables. A server answers an array, as the specification says, or the page itself."""
        body = self._ask("POST", "/v1/tables/search", {"cursor": cursor}, "find the table")
        answer = from_json(body)
        return validate(PagedTablesResponse, answer[0] if isinstance(answer, list) else answer)

    # --- asking and telling -----------------------------------------------------------------------

    def _tell(self, title: str) -> None:
        self._step += 1
        self._say(f"{self._step}. {title}")

    def _post(self, model: type[Model], path: str, body: Any, purpose: str) -> Model:
        return parse(model, self._ask("POST", path, body, purpose))

    def _ask(self, method: str, path: str, body: Any, purpose: str) -> bytes:
        response = self._client.request(method, path, json=body)
        if response.status_code == 200:
            return response.content
        if response.status_code == 401:
            raise TerminalError("the server does not know this user and password")
        refusal = parse(EPOSError, response.content)
        raise TerminalError(f"could not {purpose}: {refusal.errorType}, {refusal.debugMessage}")


def _parts(order: Order, split: int) -> list[int]:
    parts = equal_parts(_balance(order), split)
    if parts[-1] == 0:
        raise TerminalError(f"{_money(order, _balance(order))} cannot be split {split} ways")
    return parts


def _balance(order: Order) -> int:
    return _value(order.totalAmount) - _value(order.paidAmount)


def _value(amount: Money | None) -> int:
    return 0 if amount is None else amount.value


def _currency(order: Order) -> str:
    total: Money | None = order.totalAmount
    return "GBP" if total is None else total.currencyCode


def _money(order: Order, value: int) -> str:
    return money(value, _currency(order))


def _expiry() -> str:
    return format_time(datetime.now(UTC) + _LEASE)
