"""Its tests: against a real EPOS server, a venue of its own for each, with nothing mocked."""

import pytest
from pay_the_table import Payments, Refused


@pytest.fixture
def payments(epos):
    return Payments(epos.http)


def test_a_table_is_paid_with_a_tip(epos, payments):
    tab = epos.tab(table="Table 1", items=["Burger", "Pint of Bitter"])
    (order,) = payments.payable(epos.table("Table 1").id)
    receipt = payments.pay(order["id"], "pi_1", tip=200)
    assert receipt.paid == tab.total
    recorded = epos.journal.once("RecordOrderPaymentById", order_id=tab.id)
    assert recorded.body["tipsAmount"]["value"] == 200
    assert tab.reload().payable is False


@pytest.mark.parametrize("action", [{"cut": True}, {"status": 503}, {"truncate": True}])
def test_an_answer_that_was_lost_charges_nobody_twice(epos, payments, action):
    tab = epos.tab(table="Table 1", items=["Burger"])
    fault = epos.fault(
        when="after-commit", action=action, capability="RecordOrderPaymentById", times=1
    )
    payments.pay(tab.id, "pi_1")
    assert fault.struck == 1
    order = tab.reload()
    assert [one.paymentIntentId for one in order.payments] == ["pi_1"]
    assert order.paidAmount == order.totalAmount
    assert len(epos.journal.times(2, "RecordOrderPaymentById")) == 2


def test_a_paid_table_is_not_paid_again(epos, payments):
    tab = epos.tab(table="Table 1", items=["Burger"])
    epos.staff.cash(tab)
    with pytest.raises(Refused):
        payments.pay(tab.id, "pi_2")


def test_a_lock_is_released_when_the_payment_is_refused(epos, payments):
    tab = epos.tab(table="Table 1", items=["Burger"])
    epos.fault(
        when="before", action={"error": "Conflict"}, capability="RecordOrderPaymentById", times=1
    )
    with pytest.raises(Refused, match="Injected"):
        payments.pay(tab.id, "pi_1")
    epos.journal.once("DeleteOrderLock", order_id=tab.id, status=200)
    payments.pay(tab.id, "pi_2")
