"""Bills: what a terminal prints."""

from epos.check.checks.payments import amount
from epos.check.registry import Obligation, check, docs, schema, spec
from epos.check.subject import TOTAL, Epos, NotTried

_MUST, _SHOULD = Obligation.MUST, Obligation.SHOULD
_BILL = "GetOrderBillById"


@check(
    _MUST,
    _BILL,
    source=schema("OrderBill", "order"),
    not_proved="That the printed lines are right for the law of the country.",
)
async def shows_the_order(epos: Epos) -> None:
    """The bill has the order that was asked for, with its total."""
    order_id = await epos.order()
    bill = epos.granted(await epos.ask(_BILL, orderId=order_id), "the bill")
    if not isinstance(bill.get("order"), dict):
        raise NotTried("the bill shows no order")
    epos.same(order_id, bill["order"].get("id", order_id), "order.id")
    epos.same(TOTAL, amount(bill["order"], "totalAmount"), "order.totalAmount.value")


@check(
    _MUST,
    _BILL,
    source=schema("BillLine", "lineType, and the property of that name"),
    not_proved="That a line fits on the paper.",
)
async def lines_have_what_they_name(epos: Epos) -> None:
    """Each line has the property that its `lineType` names: otherwise nothing is printed."""
    bill = epos.ready(await epos.ask(_BILL, orderId=await epos.order()), _BILL)
    lines = [*bill["header"]["lines"], *bill["footer"]["lines"]]
    empty = [line["lineType"] for line in lines if _member(line["lineType"]) not in line]
    epos.expect(not empty, "each line has its property", f"without: {', '.join(empty)}")


@check(
    _MUST,
    _BILL,
    source=spec(_BILL, "4XX"),
    not_proved="What happens with ids of another venue.",
    writes=False,
)
async def unknown_order(epos: Epos) -> None:
    """What does not exist has no bill."""
    answer = await epos.ask(_BILL, orderId="no-such-order-epos-check")
    epos.refused(answer, "NotFound", "there is no such order")


@check(
    _SHOULD,
    _BILL,
    "CreateOrderLock",
    source=docs("payments/pay-at-table/bills: the terminal may ask at any time"),
    not_proved="That it is current.",
)
async def printed_while_locked(epos: Epos) -> None:
    """The bill of a locked order is printed: the waiter brings it, then takes the card."""
    order_id = await epos.order()
    epos.ready(await epos.lock(order_id), "CreateOrderLock")
    epos.granted(await epos.ask(_BILL, orderId=order_id), "the bill")


def _member(line_type: str) -> str:
    return "url" if line_type == "URL" else line_type[:1].lower() + line_type[1:]
