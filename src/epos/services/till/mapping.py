"""Rows into the till's models."""

from epos.store.statements import Record
from epos.till_contract.floor import FloorArea, FloorTable
from epos.till_contract.menu import MenuItem, MenuModifier
from epos.till_contract.profile import VenueProfile
from epos.till_contract.staff import Waiter


def profile(row: Record) -> VenueProfile:
    return VenueProfile.model_construct(
        version=row["version"],
        name=row["name"],
        addressLines=row["address_lines"],
        postcode=row["postcode"],
        phoneNumber=row["phone_number"],
        emailAddress=row["email_address"],
        taxNumber=row["tax_number"],
        website=row["website"],
        billMessage=row["bill_message"],
        currency=row["currency"],
        timeZone=row["time_zone"],
        closingTime=f"{row['closing_time']:%H:%M}",
        accessPolicy=row["access_policy"],
        acceptsOrders=row["accepts_orders"],
        finalizesPaidTabs=row["finalizes_paid_tabs"],
        serviceChargeRate=row["service_charge_rate"],
        serviceChargeBearsVat=row["service_charge_bears_vat"],
    )


def area(row: Record) -> FloorArea:
    return FloorArea.model_construct(
        id=row["id"],
        name=row["name"],
        waiterIds=row["waiter_ids"] or [],
        position=row["position"],
    )


def table(row: Record) -> FloorTable:
    return FloorTable.model_construct(
        id=row["id"],
        name=row["name"],
        areaId=row["area_id"],
        maxCovers=row["max_covers"],
        waiterIds=row["waiter_ids"] or [],
    )


def waiter(row: Record) -> Waiter:
    return Waiter.model_construct(
        id=row["id"], name=row["name"], isManager=row["is_manager"], hasPin=row["has_pin"]
    )


def menu_item(row: Record, modifiers: list[MenuModifier]) -> MenuItem:
    return MenuItem.model_construct(
        plu=row["plu"],
        categoryId=row["category_id"],
        name=row["name"],
        price=row["price"],
        vatRate=row["vat_rate"],
        available=row["is_available"],
        position=row["position"],
        modifiers=modifiers,
    )


def menu_modifier(row: Record) -> MenuModifier:
    return MenuModifier.model_construct(
        plu=row["plu"], name=row["name"], price=row["price"], available=row["is_available"]
    )
