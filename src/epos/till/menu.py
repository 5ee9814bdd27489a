"""The menu: read and 86ed by the till, set up by the venue's manager."""

from collections.abc import Iterator
from functools import partial

from epos.services.till.api import TillServices
from epos.till.operation import ADMIN, TILL_AND_ADMIN, TillOperation
from epos.till_contract.menu import (
    Availability,
    Menu,
    MenuCategory,
    MenuCategoryChange,
    MenuItem,
    MenuItemChange,
    NewMenuCategory,
    NewMenuItem,
)

_operation = partial(TillOperation, tag="Menu", roles=ADMIN)
_CATEGORIES, _ITEMS = "/till/v1/menu/categories", "/till/v1/menu/items"


def operations(services: TillServices) -> Iterator[TillOperation]:
    yield from _menu(services)
    yield from _categories(services)
    yield from _items(services)


def _menu(services: TillServices) -> Iterator[TillOperation]:
    menu = services.menu
    yield _operation(
        name="get-menu",
        http_method="GET",
        path="/till/v1/menu",
        summary="The whole menu, in its order",
        roles=TILL_AND_ADMIN,
        handler=lambda call: menu.get(call.requester),
        response=Menu,
    )
    yield _operation(
        name="set-item-availability",
        http_method="PUT",
        path=f"{_ITEMS}/{{plu}}/availability",
        summary="Whether an item can be sold now",
        roles=TILL_AND_ADMIN,
        handler=lambda call: menu.set_item_available(call.ids["plu"], call.body, call.requester),
        request=Availability,
        response=MenuItem,
    )
    yield _operation(
        name="set-modifier-availability",
        http_method="PUT",
        path=f"{_ITEMS}/{{plu}}/modifiers/{{modifierPlu}}/availability",
        summary="Whether a modifier can be asked for now",
        roles=TILL_AND_ADMIN,
        handler=lambda call: menu.set_modifier_available(
            call.ids["plu"], call.ids["modifierPlu"], call.body, call.requester
        ),
        request=Availability,
        response=MenuItem,
    )


def _categories(services: TillServices) -> Iterator[TillOperation]:
    menu, one = services.menu, f"{_CATEGORIES}/{{categoryId}}"
    yield _operation(
        name="create-category",
        http_method="POST",
        path=_CATEGORIES,
        summary="A new category",
        handler=lambda call: menu.create_category(call.body, call.requester),
        request=NewMenuCategory,
        response=MenuCategory,
    )
    yield _operation(
        name="change-category",
        http_method="PUT",
        path=one,
        summary="Change a category; what was sold keeps the name it was sold under",
        handler=lambda call: menu.change_category(
            call.ids["categoryId"], call.body, call.requester
        ),
        request=MenuCategoryChange,
        response=MenuCategory,
    )
    yield _operation(
        name="remove-category",
        http_method="DELETE",
        path=one,
        summary="Remove a category; a Conflict while anything is in it",
        handler=lambda call: menu.remove_category(call.ids["categoryId"], call.requester),
    )


def _items(services: TillServices) -> Iterator[TillOperation]:
    menu, one = services.menu, f"{_ITEMS}/{{plu}}"
    yield _operation(
        name="create-item",
        http_method="POST",
        path=_ITEMS,
        summary="A new item, with its modifiers",
        handler=lambda call: menu.create_item(call.body, call.requester),
        request=NewMenuItem,
        response=MenuItem,
    )
    yield _operation(
        name="change-item",
        http_method="PUT",
        path=one,
        summary="Change an item; what is sent is set, what is not is cleared",
        handler=lambda call: menu.change_item(call.ids["plu"], call.body, call.requester),
        request=MenuItemChange,
        response=MenuItem,
    )
    yield _operation(
        name="remove-item",
        http_method="DELETE",
        path=one,
        summary="Remove an item; what was sold stays as it was sold",
        handler=lambda call: menu.remove_item(call.ids["plu"], call.requester),
    )
