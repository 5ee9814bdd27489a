"""Bytes to models and back, whatever the bytes are."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from epos.contract import codec
from epos.contract.areas import Area
from epos.contract.base import is_id
from epos.contract.bills import (
    Align,
    BillHorizontalLine,
    BillLine,
    BillLineType,
    BillSection,
    BillText,
    BillURL,
    OrderBill,
    Size,
)
from epos.contract.codec import parse, to_wire, validate
from epos.contract.errors import ContractViolation, EPOSError, EPOSErrorType
from epos.contract.operations import OPERATIONS
from epos.contract.orders import (
    CreateOrderRequest,
    ExtendOrderLockResponse,
    PagedOrdersResponse,
    SearchOrdersRequest,
)
from tests.unit.contract.samples import SAMPLES, an_order, sample

REQUESTS = [operation.request for operation in OPERATIONS if operation.request is not None]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b"{} {}",
        b'{"cursor": NaN}',
        b'{"cursor": Infinity}',
        b'{"note": "\xff"}',
        b'{"note": "\\ud800"}',
        b"\xef\xbb\xbf{}",
        b"[" * 30_000,
        b'{"a":' * 30_000,
        b'{"a": ' + b"9" * 100_000 + b"}",
        b'{"a": 01}',
        b"\x00",
        '{"name": "\ud800"}',
    ],
)
def test_what_is_not_json(body: bytes | str) -> None:
    with pytest.raises(ContractViolation, match=r"^the body is not valid JSON in UTF-8") as refused:
        parse(SearchOrdersRequest, body)
    assert refused.value.field == ""


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"{}"', b"true"])
def test_what_is_not_an_object(body: bytes) -> None:
    with pytest.raises(ContractViolation, match=r"^the body must be a JSON object$"):
        parse(SearchOrdersRequest, body)


@pytest.mark.parametrize("number", ["1e400", "1e2", "100.0", "-0.0", "9" * 40])
def test_numbers_that_are_not_whole_or_too_large(number: str) -> None:
    body = json.dumps(sample("PaymentWithLockId")).replace("1000", number)
    with pytest.raises(ContractViolation) as refused:
        parse(REQUESTS_BY_NAME["PaymentWithLockId"], body)
    assert refused.value.field == "paidAmount.value"


REQUESTS_BY_NAME = {request.__name__: request for request in REQUESTS}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=20,
)


def outcome(request_type: type[BaseModel], value: Any) -> ContractViolation | None:
    try:
        accepted = validate(request_type, value)
    except ContractViolation as refused:
        return refused
    json.loads(to_wire(accepted))
    return None


@given(st.sampled_from(REQUESTS), JSON)
def test_any_json_is_accepted_or_refused(request_type: type[BaseModel], value: Any) -> None:
    outcome(request_type, value)


@given(st.sampled_from(REQUESTS), st.binary())
def test_any_bytes_are_accepted_or_refused(request_type: type[BaseModel], body: bytes) -> None:
    with contextlib.suppress(ContractViolation):
        parse(request_type, body)


@given(st.data())
def test_any_value_in_any_place_is_accepted_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SAMPLES)))
    body = sample(name)
    place: Any = body
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else [0]))
        if not (isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans())):
            break
        place = place[key]
    place[key] = data.draw(JSON)
    refused = outcome(REQUESTS_BY_NAME[name], body)
    assert refused is None or refused.field


@pytest.mark.parametrize("filler", [b"1", b"{}", b"null", b'"x"', b"[]"])
def test_half_a_million_faults_cost_little(filler: bytes) -> None:
    """Validation of a list stops at the first fault; the others cost nothing."""
    count = 1_000_000 // (len(filler) + 1)
    body = b'{"items":[' + filler + (b"," + filler) * count + b"]}"
    with pytest.raises(ContractViolation):
        parse(CreateOrderRequest, body)
    with pytest.raises(ValidationError) as refused:
        CreateOrderRequest.model_validate(json.loads(body))
    assert refused.value.error_count() <= len(CreateOrderRequest.model_fields)


def test_absent_fields_are_left_out() -> None:
    assert to_wire(EPOSError(errorType=EPOSErrorType.NotFound)) == b'{"errorType":"NotFound"}'
    assert to_wire(ExtendOrderLockResponse()) == b"{}"
    assert b"null" not in to_wire(an_order())


def test_lists_and_pages() -> None:
    areas = [Area(id="a", name="downstairs"), Area(id="b", name="up", waiterIds=["w"])]
    assert json.loads(to_wire(areas)) == [
        {"id": "a", "name": "downstairs"},
        {"id": "b", "name": "up", "waiterIds": ["w"]},
    ]
    assert to_wire([]) == b"[]"
    page = PagedOrdersResponse.model_construct(data=[an_order()], after="x")
    assert json.loads(to_wire(page)) == {"data": [json.loads(to_wire(an_order()))], "after": "x"}


def test_content_from_the_database_passes_through() -> None:
    item = {"amountPerItem": {"value": 1, "currencyCode": "GBP"}, "own": [None, 1.5], "plu": "é"}
    answered = json.loads(to_wire(an_order(items=[item], status="Ready", details={"a": {}})))
    assert answered["items"] == [item]
    assert answered["status"] == "Ready"
    assert answered["details"] == {"a": {}}


def test_a_bill_in_the_spelling_of_each_door() -> None:
    url = BillURL(url="https://example.com", showQr=True, showUrl=False)
    lines = [
        BillLine(lineType=BillLineType.URL, url=url),
        BillLine(
            lineType=BillLineType.Text,
            text=BillText(value="Thanks", size=Size.Body, align=Align.Center),
        ),
        BillLine(
            lineType=BillLineType.HorizontalLine, horizontalLine=BillHorizontalLine(line="Double")
        ),
    ]
    section = BillSection(lines=lines)
    bill = OrderBill.model_construct(header=section, order=an_order(), footer=section)
    rest = json.loads(to_wire(bill))["footer"]["lines"]
    assert rest[0]["url"] == {"url": "https://example.com", "showQr": True, "showUrl": False}
    assert rest[1]["text"] == {"value": "Thanks", "size": "Body", "align": "Center"}
    websocket = json.loads(to_wire(bill, websocket_spelling=True))["footer"]["lines"]
    assert websocket[0]["url"] == {"url": "https://example.com", "showQR": True, "showURL": False}


@pytest.mark.parametrize("text", ["a", "x" * 200, "ord_1", "é", "\U0001f355"])
def test_ids(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize("text", ["", "x" * 201, "a\n", "\x00", "\x7f", "\x9f", "\ud800"])
def test_what_is_no_id(text: str) -> None:
    assert not is_id(text)


@pytest.mark.parametrize("as_type", [bytes, str])
@pytest.mark.parametrize(
    ("part", "most", "words"),
    [
        ("[]", codec.MOST_NESTED, "lists and objects"),
        ("{}", codec.MOST_NESTED, "lists and objects"),
        ('{"a":1}', codec.MOST_PROPERTIES, "properties"),
    ],
)
def test_so_many_values_are_read_and_no_more(
    as_type: type, part: str, most: int, words: str
) -> None:
    def body(count: int) -> bytes | str:
        inside = ",".join([part] * count) if ":" not in part else ",".join(['"a":"abc"'] * count)
        text = f"[{inside}]" if ":" not in part else "{" + inside + "}"
        return text.encode() if as_type is bytes else text

    free = 0 if ":" in part else 1
    codec.read_json(body(most - free))
    with pytest.raises(ContractViolation, match=f"at most {most} {words}"):
        codec.read_json(body(most - free + 1))
