"""The currencies in a request, with their paths."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from epos.contract.content import OrderItem, OrderSubItem
from epos.contract.money import Money
from epos.contract.orders import CreateOrderRequest

T = TypeVar("T")


def currencies(request: CreateOrderRequest) -> Iterator[tuple[str, str]]:
    """Each currency code in an order with its path. The total's is the first."""
    for path, money in _amounts(request):
        if money is not None:
            yield f"{path}.currencyCode", money.currencyCode


def _amounts(request: CreateOrderRequest) -> Iterator[tuple[str, Money | None]]:
    yield "totalAmount", request.totalAmount
    for path, item in _each("items", request.items):
        yield from _item_amounts(path, item)
        for sub_path, sub_item in _each(f"{path}.subItems", item.subItems):
            yield from _item_amounts(sub_path, sub_item)
    for path, discount in _each("discounts", request.discounts):
        yield f"{path}.amountTotal", discount.amountTotal
    for path, tax_line in _each("taxLines", request.taxLines):
        yield f"{path}.amountTotal", tax_line.amountTotal
    yield "serviceChargeAmount", request.serviceChargeAmount
    for path, payment in _each("payments", request.payments):
        yield f"{path}.paidAmount", payment.paidAmount
        yield f"{path}.tipsAmount", payment.tipsAmount


def _item_amounts(path: str, item: OrderItem | OrderSubItem) -> Iterator[tuple[str, Money]]:
    yield f"{path}.amountPerItem", item.amountPerItem
    for modifier_path, modifier in _each(f"{path}.modifiers", item.modifiers):
        yield f"{modifier_path}.amountPerModifier", modifier.amountPerModifier


def _each(name: str, values: Sequence[T] | None) -> Iterator[tuple[str, T]]:
    for index, value in enumerate(values or ()):
        yield f"{name}[{index}]", value
