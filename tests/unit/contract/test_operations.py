"""The registry is complete and without contradictions."""

import pytest

from epos.contract.operations import OPERATIONS, by_capability, by_websocket_method


def test_every_name_is_used_once() -> None:
    assert len(OPERATIONS) == 22
    for names in (
        [operation.operation_id for operation in OPERATIONS],
        [operation.websocket_method for operation in OPERATIONS],
        [(operation.http_method, operation.path) for operation in OPERATIONS],
        [name for operation in OPERATIONS for name in operation.names],
    ):
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("name", "capability"),
    [
        ("GetOrderById", "GetOrderById"),
        ("GetOrderBill", "GetOrderBillById"),
        ("GetOrderBillById", "GetOrderBillById"),
        ("RecordOrderPayment", "RecordOrderPaymentById"),
        ("UpdatePartyById", "UpdateParty"),
        ("UpdateReservationById", "UpdateReservation"),
        ("HandleEvent:payment_intent.created", "HandleEvent"),
        ("HandleEvent:payment_intent.status_updated", "HandleEvent"),
    ],
)
def test_capabilities_in_every_spelling(name: str, capability: str) -> None:
    operation = by_capability(name)
    assert operation is not None
    assert operation.capability == capability


def test_unknown_names() -> None:
    assert by_capability("GetOrder") is None
    assert by_websocket_method("GetOrderById") is None


def test_websocket_methods() -> None:
    for operation in OPERATIONS:
        assert by_websocket_method(operation.websocket_method) is operation
    update = by_websocket_method("UpdatePartyV1")
    assert update is not None
    assert update.websocket_parameters == {"partyId": "id"}
    extend = by_websocket_method("ExtendOrderLockV1")
    assert extend is not None
    assert extend.websocket_parameters == {"orderId": "orderId", "lockId": "lockId"}


def test_literal_paths_come_first() -> None:
    seen: list[str] = []
    for operation in OPERATIONS:
        for earlier in seen:
            if operation.path != earlier and "{" not in operation.path:
                assert not _covers(earlier, operation.path)
        seen.append(operation.path)


def _covers(pattern: str, path: str) -> bool:
    pattern_steps, path_steps = pattern.split("/"), path.split("/")
    return len(pattern_steps) == len(path_steps) and all(
        step.startswith("{") or step == other
        for step, other in zip(pattern_steps, path_steps, strict=True)
    )


def test_what_is_registered() -> None:
    handle_event = by_capability("HandleEvent")
    assert handle_event is not None
    assert handle_event.registrable_names == (
        "HandleEvent:payment_intent.created",
        "HandleEvent:payment_intent.status_updated",
    )
    bill = by_capability("GetOrderBill")
    assert bill is not None
    assert bill.registrable_names == ("GetOrderBillById",)


def test_everything_has_a_product() -> None:
    assert all(operation.products for operation in OPERATIONS)
