"""What may be recorded, which reason counts first, and what events make of payments."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epos.domain.errors import InvalidRequest
from epos.domain.order_status import CLOSED, OrderStatus
from epos.domain.payment_rules import CardPayment, OrderToPay, initial_status, refusal, status_after
from epos.domain.payments import EFFECTIVE, IntentStatus, PaymentStatus, is_dead, supersedes

PAYMENT = CardPayment(paid=4_000, tips=500, currency="GBP", tips_currency="GBP", lock_id="mine")
BILL = OrderToPay(
    status=OrderStatus.ACCEPTED, currency="GBP", total=10_000, paid=6_000, live_lock_id="mine"
)
DEAD = (IntentStatus.REVERSED, IntentStatus.REFUNDED, IntentStatus.CANCELED)
ALIVE = [status for status in IntentStatus if status not in DEAD]
OPEN = [status for status in OrderStatus if status not in CLOSED]
intents = st.lists(st.sampled_from(list(IntentStatus)), max_size=6)


def why(payment: CardPayment, bill: OrderToPay, intent: IntentStatus | None = None) -> str:
    """The reason, or the field that is wrong, or nothing."""
    try:
        return refusal(payment, bill, intent) or ""
    except InvalidRequest as error:
        return error.field


class TestRefusal:
    @pytest.mark.parametrize("status", OPEN)
    @pytest.mark.parametrize("intent", [None, *ALIVE])
    def test_none_for_what_is_left_on_an_open_order(
        self, status: OrderStatus, intent: IntentStatus | None
    ) -> None:
        assert refusal(PAYMENT, replace(BILL, status=status), intent) is None

    @pytest.mark.parametrize("intent", DEAD)
    def test_an_intent_that_has_ended(self, intent: IntentStatus) -> None:
        assert why(PAYMENT, BILL, intent) == f"The payment intent is {intent}"

    @pytest.mark.parametrize("status", sorted(CLOSED))
    def test_an_order_that_is_closed(self, status: OrderStatus) -> None:
        assert why(PAYMENT, replace(BILL, status=status)) == f"The order is {status}"

    @pytest.mark.parametrize(
        ("named", "live", "is_refused"),
        [
            ("mine", "mine", False),
            ("mine", "another", True),
            ("mine", None, False),
            (None, "another", False),
            (None, None, False),
        ],
    )
    def test_the_lock_of_another(
        self, named: str | None, live: str | None, is_refused: bool
    ) -> None:
        reason = why(replace(PAYMENT, lock_id=named), replace(BILL, live_lock_id=live))
        assert ("locked" in reason) == is_refused

    @pytest.mark.parametrize(
        ("payment", "field"),
        [
            (replace(PAYMENT, paid=0), "paidAmount.value"),
            (replace(PAYMENT, paid=-1), "paidAmount.value"),
            (replace(PAYMENT, tips=-1), "tipsAmount.value"),
            (replace(PAYMENT, tips_currency="EUR"), "tipsAmount.currencyCode"),
        ],
    )
    def test_amounts_that_no_bill_could_have(self, payment: CardPayment, field: str) -> None:
        with pytest.raises(InvalidRequest) as refused:
            refusal(payment, BILL, None)
        assert refused.value.field == field

    def test_another_currency(self) -> None:
        euros = replace(PAYMENT, currency="EUR", tips_currency="EUR")
        assert why(euros, BILL) == "The order is in GBP, the payment in EUR"

    @given(paid=st.integers(1, 20_000), before=st.integers(0, 10_000), tips=st.integers(0, 20_000))
    def test_more_than_is_left_and_never_for_the_tip(
        self, paid: int, before: int, tips: int
    ) -> None:
        reason = refusal(replace(PAYMENT, paid=paid, tips=tips), replace(BILL, paid=before), None)
        assert (reason is None) == (before + paid <= BILL.total)
        assert reason is None or f"{BILL.total - before} that is left" in reason


def test_the_reasons_count_in_their_order() -> None:
    """All that can be wrong at once, then put right one by one."""
    payment = CardPayment(paid=0, tips=-1, currency="EUR", tips_currency="GBP", lock_id="mine")
    bill = replace(BILL, status=OrderStatus.FINALIZED, live_lock_id="another")
    heard = [why(payment, bill, IntentStatus.REVERSED), why(payment, bill)]
    bill = replace(bill, status=OrderStatus.READY)
    heard.append(why(payment, bill))
    bill = replace(bill, live_lock_id=None)
    heard.append(why(payment, bill))
    payment = replace(payment, paid=4_001)
    heard.append(why(payment, bill))
    payment = replace(payment, tips=0)
    heard.append(why(payment, bill))
    payment = replace(payment, tips_currency="EUR")
    heard.append(why(payment, bill))
    payment = replace(payment, currency="GBP", tips_currency="GBP")
    heard.append(why(payment, bill))
    heard.append(why(replace(payment, paid=4_000), bill))
    assert heard == [
        "The payment intent is Reversed",
        "The order is Finalized",
        "The order is locked under another lockId",
        "paidAmount.value",
        "tipsAmount.value",
        "tipsAmount.currencyCode",
        "The order is in GBP, the payment in EUR",
        "The payment of 4001 is more than the 4000 that is left to pay",
        "",
    ]


class TestIntents:
    @given(intents)
    def test_the_highest_rank_wins_and_the_first_of_the_highest_stays(
        self, heard: list[IntentStatus]
    ) -> None:
        current: IntentStatus | None = None
        for status in heard:
            if supersedes(current, status):
                current = status
        ended = [status for status in heard if status in DEAD]
        order = [IntentStatus.CREATED, IntentStatus.AUTHORIZED, IntentStatus.CAPTURED]
        assert current == (ended[0] if ended else max(heard, key=order.index, default=None))

    @pytest.mark.parametrize("status", [None, *IntentStatus])
    def test_dead_is_what_gave_the_money_back(self, status: IntentStatus | None) -> None:
        assert is_dead(status) == (status in DEAD)


class TestLedgerRows:
    @pytest.mark.parametrize("intent", [None, *IntentStatus])
    def test_a_new_one_is_recorded_or_already_captured(self, intent: IntentStatus | None) -> None:
        captured = intent is IntentStatus.CAPTURED
        assert initial_status(intent) == ("captured" if captured else "recorded")

    def test_all_moves(self) -> None:
        moves = {
            (str(was), str(heard)): str(became)
            for was, heard in itertools.product(PaymentStatus, IntentStatus)
            if (became := status_after(was, heard)) is not None
        }
        assert moves == {
            ("recorded", "Captured"): "captured",
            ("recorded", "Reversed"): "reversed",
            ("recorded", "Refunded"): "refunded",
            ("recorded", "Canceled"): "canceled",
            ("captured", "Reversed"): "reversed",
            ("captured", "Refunded"): "refunded",
            ("captured", "Canceled"): "canceled",
        }

    @given(intents, st.data())
    def test_whenever_the_payment_comes_among_its_events_the_books_agree(
        self, heard: list[IntentStatus], data: st.DataObject
    ) -> None:
        """It counts unless its money went back; then it was refused or taken out."""
        arrival = data.draw(st.integers(0, len(heard)))
        intent: IntentStatus | None = None
        row: PaymentStatus | None = None
        for at in range(len(heard) + 1):
            if at == arrival and refusal(PAYMENT, BILL, intent) is None:
                row = initial_status(intent)
            if at < len(heard) and supersedes(intent, heard[at]):
                intent = heard[at]
                row = row and (status_after(row, intent) or row)
        assert (row in EFFECTIVE) == (not is_dead(intent))
        assert row is not PaymentStatus.RECORDED or IntentStatus.CAPTURED not in heard
