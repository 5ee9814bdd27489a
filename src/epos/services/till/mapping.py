"""Rows into the till's models."""

from epos.store.statements import Record
from epos.till_contract.setup import VenueProfile


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
