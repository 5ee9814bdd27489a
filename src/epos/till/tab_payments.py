"""Money over the counter."""

from collections.abc import Iterator

from epos.services.till.api import TillServices
from epos.till.operation import TillOperation
from epos.till.tabs import write
from epos.till_contract.tab_requests import EndPayment, TakePayment
from epos.till_contract.tabs import Tab

_TAG = "Money"
_PATH = "/till/v1/tabs/{tabId}/payments"


def operations(services: TillServices) -> Iterator[TillOperation]:
    payments = services.tab_payments
    yield TillOperation(
        name="take-payment",
        http_method="POST",
        path=_PATH,
        summary="Take cash or other money for a tab, or for an order of Dojo's",
        tag=_TAG,
        handler=lambda call: payments.take(call.body, write(call)),
        request=TakePayment,
        response=Tab,
    )
    yield TillOperation(
        name="refund-payment",
        http_method="POST",
        path=f"{_PATH}/{{paymentId}}/refund",
        summary="Give money back that was taken over the counter",
        tag=_TAG,
        handler=lambda call: payments.refund(call.ids["paymentId"], call.body, write(call)),
        request=EndPayment,
        response=Tab,
    )
    yield TillOperation(
        name="correct-payment",
        http_method="POST",
        path=f"{_PATH}/{{paymentId}}/correct",
        summary="Take back what was entered by mistake",
        tag=_TAG,
        handler=lambda call: payments.correct(call.ids["paymentId"], call.body, write(call)),
        request=EndPayment,
        response=Tab,
    )
