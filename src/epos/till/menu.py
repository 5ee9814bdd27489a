"""The menu: the till reads it and marks what has run out; the manager sets it up."""

from fastapi import APIRouter

from epos.till.parameters import CategoryId, JustKey, ModifierPlu, Plu, TheServices
from epos.till.route import TillRoute
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
from epos.web.contract_route import refusals
from epos.web.requester import AdminRequester, StaffRequester

router = APIRouter(prefix="/menu", tags=["Menu"], route_class=TillRoute)


@router.get("", name="get-menu", summary="Get the whole menu, in its order")
async def get_menu(requester: StaffRequester, services: TheServices) -> Menu:
    return await services.menu.get(requester)


@router.put(
    "/items/{plu}/availability",
    name="set-item-availability",
    summary="Set whether an item can be sold now",
)
async def set_item_availability(
    plu: Plu, request: Availability, requester: StaffRequester, services: TheServices
) -> MenuItem:
    return await services.menu.set_item_available(plu, request, requester)


@router.put(
    "/items/{plu}/modifiers/{modifierPlu}/availability",
    name="set-modifier-availability",
    summary="Set whether a modifier can be asked for now",
)
async def set_modifier_availability(
    plu: Plu,
    modifierPlu: ModifierPlu,
    request: Availability,
    requester: StaffRequester,
    services: TheServices,
) -> MenuItem:
    return await services.menu.set_modifier_available(plu, modifierPlu, request, requester)


@router.post(
    "/categories",
    name="create-category",
    summary="Add a category",
    responses=refusals(409),
)
async def create_category(
    request: NewMenuCategory, requester: AdminRequester, services: TheServices
) -> MenuCategory:
    return await services.menu.create_category(request, requester)


@router.put(
    "/categories/{categoryId}",
    name="change-category",
    summary="Change a category; what was sold keeps the name it was sold under",
    responses=refusals(409),
)
async def change_category(
    categoryId: CategoryId,
    request: MenuCategoryChange,
    requester: AdminRequester,
    services: TheServices,
) -> MenuCategory:
    return await services.menu.change_category(categoryId, request, requester)


@router.delete(
    "/categories/{categoryId}",
    name="remove-category",
    summary="Remove a category; a Conflict while anything is in it",
    responses=refusals(409),
)
async def remove_category(
    categoryId: CategoryId, requester: AdminRequester, services: TheServices, _: JustKey = None
) -> None:
    await services.menu.remove_category(categoryId, requester)


@router.post(
    "/items",
    name="create-item",
    summary="Add an item, with its modifiers",
    responses=refusals(409),
)
async def create_item(
    request: NewMenuItem, requester: AdminRequester, services: TheServices
) -> MenuItem:
    return await services.menu.create_item(request, requester)


@router.put(
    "/items/{plu}",
    name="change-item",
    summary="Change an item: what is sent is set, what is not is cleared",
)
async def change_item(
    plu: Plu, request: MenuItemChange, requester: AdminRequester, services: TheServices
) -> MenuItem:
    return await services.menu.change_item(plu, request, requester)


@router.delete(
    "/items/{plu}",
    name="remove-item",
    summary="Remove an item; what was sold stays as it was sold",
)
async def remove_item(
    plu: Plu, requester: AdminRequester, services: TheServices, _: JustKey = None
) -> None:
    await services.menu.remove_item(plu, requester)
