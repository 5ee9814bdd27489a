"""How long the largest bodies hold the event loop: processor time of each piece that nothing interrupts.

.venv/bin/python -m benchmarks.largest
"""

import contextlib
import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from argon2 import PasswordHasher

from epos.contract import codec
from epos.contract.errors import ContractViolation
from epos.contract.orders import CreateOrderRequest
from epos.services.limits import MOST_BYTES

_TIMES = 9
_FREE: dict[str, Any] = {"value": 0, "currencyCode": "GBP"}
_LINE: dict[str, Any] = {"name": "Soup", "plu": "1", "quantity": 1, "amountPerItem": _FREE}
_MODIFIER: dict[str, Any] = {
    "name": "m" * 200,
    "plu": "1",
    "quantity": 1,
    "amountPerModifier": _FREE,
}
_ORDER: dict[str, Any] = {
    "dojoOrderId": "largest",
    "totalAmount": _FREE,
    "payments": [],
    "details": {"orderType": "Collection", "collection": {"asap": True}},
}


def main() -> None:
    for name, items in {
        "2,000 lines with notes of 300": [_LINE | {"note": "x" * 300}] * 2_000,
        "100 lines with notes of 10,000": [_LINE | {"note": "x" * 10_000}] * 100,
        "one line with 1,999 modifiers": [_LINE | {"modifiers": [_MODIFIER] * 1_999}],
    }.items():
        _measure(name, json.dumps(_ORDER | {"items": items}).encode())
    for name, part in {"[]": b"[],", "{}": b"{},", "1": b"1,", '"a"': b'"a",'}.items():
        count = (codec.MOST_NESTED - 3) if part[0] in b"[{" else (MOST_BYTES - 20) // len(part)
        _measure(f"{count:,} x {name}", b'{"items":[' + part * count + b"1]}")
    properties = b",".join(b'"%x":1' % number for number in range(codec.MOST_PROPERTIES - 1))
    _measure("as many properties as may be", b"{" + properties + b"}")
    hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
    print(f"{'a PIN, in a thread':34} {_cost(lambda: hasher.hash('2468')):8.1f}")


def _measure(name: str, body: bytes) -> None:
    value = codec.read_json(body)
    costs = [
        _cost(lambda: codec.read_json(body)),
        _cost(lambda: codec.validate(CreateOrderRequest, value)),
    ]
    try:
        order = codec.validate(CreateOrderRequest, value)
    except ContractViolation:
        pass
    else:
        costs += [_cost(lambda: codec.fingerprint(order)), _cost(lambda: codec.to_wire(order))]
    print(f"{name:34} {len(body):9,} " + " ".join(f"{cost:8.1f}" for cost in costs))


def _cost(work: Callable[[], object]) -> float:
    """Milliseconds; the median."""
    took = []
    for _ in range(_TIMES):
        began = time.process_time()
        with contextlib.suppress(ContractViolation):
            work()
        took.append((time.process_time() - began) * 1_000)
    return median(took)


if __name__ == "__main__":
    main()
