"""Opens, fills and pays a tab with the generated client of the till's API, and reads the order with that of
the EPOS Data API: what someone does who has our documents and nothing else. `.ci/clients` runs it.
"""

import sys

import httpx
from epos_data_api import Client as DojoClient
from epos_data_api.api.orders import v_1_get_orders_order_id as get_order
from epos_data_api.models import Order, OrderStatus
from till_api import Client as TillClient
from till_api.api.money import take_payment
from till_api.api.tabs import add_items, open_tab
from till_api.models import (
    AddItems,
    EPOSError,
    EPOSErrorType,
    NewItem,
    NewModifier,
    OpenTab,
    Tab,
    TakePayment,
    TakePaymentType,
)

WAITER = "101"
GIN_AND_TONIC, DOUBLE, BITTER = "5201", "9008", "5001"


def main(url: str) -> None:
    till = TillClient(url, httpx_args={"auth": httpx.BasicAuth("demo.till", "demo")}, timeout=60)
    dojo = DojoClient(url, httpx_args={"auth": httpx.BasicAuth("demo", "demo")}, timeout=60)

    opened = open_tab.sync(client=till, body=OpenTab(table_id="tbl_bar_1"), waiter_id=WAITER)
    assert isinstance(opened, Tab), opened
    assert (opened.table_id, opened.total, opened.payable) == ("tbl_bar_1", 0, False)

    items = [
        NewItem(plu=BITTER, quantity=2),
        NewItem(plu=GIN_AND_TONIC, modifiers=[NewModifier(plu=DOUBLE)]),
    ]
    body = AddItems(version=opened.version, items=items)
    filled = add_items.sync(opened.id, client=till, body=body, waiter_id=WAITER)
    assert isinstance(filled, Tab), filled
    assert [line.total for line in filled.lines] == [2 * 560, 925 + 350]
    assert filled.payable

    outdated = add_items.sync(opened.id, client=till, body=body, waiter_id=WAITER)
    assert isinstance(outdated, EPOSError), outdated
    assert outdated.error_type is EPOSErrorType.CONFLICT

    cash = TakePayment(version=filled.version, type_=TakePaymentType.CASH, tendered=5000)
    paid = take_payment.sync(filled.id, client=till, body=cash, waiter_id=WAITER)
    assert isinstance(paid, Tab), paid
    assert (paid.paid, paid.balance, paid.status) == (filled.total, 0, "Finalized")
    assert [payment.change for payment in paid.payments] == [5000 - filled.total]

    order = get_order.sync(paid.id, client=dojo)
    assert isinstance(order, Order), order
    assert order.status is OrderStatus.FINALIZED
    assert order.total_amount == order.paid_amount
    assert order.paid_amount.value == paid.paid
    print(f"{order.display_name}: {order.paid_amount.value} pence in cash, {order.status}")


if __name__ == "__main__":
    main(sys.argv[1])
