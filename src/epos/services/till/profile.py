"""The venue as its manager describes it."""

import json
from dataclasses import asdict
from datetime import time
from typing import Any

from pydantic_core import from_json

from epos.domain.errors import Conflict, InvalidRequest
from epos.domain.limits import Limits
from epos.domain.requester import Requester
from epos.domain.venue import TIME_ZONE_RULE
from epos.services.till.unit_of_work import change_set_up, note_change, refuse_stale
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.profile import ConfirmAbove, Profile, VenueProfile


class Profiles:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, requester: Requester) -> VenueProfile:
        async with self._database.read(requester.venue_id) as store:
            return profile_of(await store.setup.profile())

    async def change(self, request: VenueProfile, requester: Requester) -> VenueProfile:
        """Set what is sent and clear what is not.

        Raises Conflict for a stale version, for another currency once there are orders, and for another
        `hasDrawerPerDevice` while an open day has cash in it.
        """

        async def work(store: VenueStore) -> VenueProfile:
            before = await store.setup.profile()
            refuse_stale("set-up", before["version"], request.version)
            changed = await set_profile(store, request, before)
            now = await store.venue.now()
            venue_id = requester.venue_id
            await note_change(store, requester, now, "profile.changed", venue_id, changed=changed)
            return profile_of(await store.setup.profile())

        return await change_set_up(self._database, requester, work)


async def set_profile(store: VenueStore, request: Profile, before: Record) -> list[str]:
    """Write the profile, and answer the columns that changed. Raises Conflict and InvalidRequest."""
    fault = await profile_fault(store, request, before)
    if fault is not None:
        raise fault
    columns = _columns(request)
    await store.setup.set_profile(**columns)
    return [name for name, value in columns.items() if value != _comparable(before, name)]


def _comparable(before: Record, name: str) -> Any:
    return json.dumps(from_json(before[name])) if name == "limits" else before[name]


async def profile_fault(
    store: VenueStore, request: Profile, before: Record
) -> Conflict | InvalidRequest | None:
    """The error for a profile that this venue cannot have; None if it can."""
    if request.currency != before["currency"] and await store.setup.has_orders():
        return Conflict(f"The currency stays {before['currency']}: the venue has orders in it")
    if not await store.setup.knows_time_zone(request.timeZone):
        return InvalidRequest("timeZone", TIME_ZONE_RULE)
    if request.hasDrawerPerDevice != before["has_drawer_per_device"]:
        return await _drawers_in_use(store)
    return None


async def _drawers_in_use(store: VenueStore) -> Conflict | None:
    """The error for other drawers while a day is open: its cash would move to a drawer that did not take
    it, also cash that is in a Z.
    """
    await store.days.lock_for_close()
    day = await store.cash.open_day_with_cash()
    if day is None:
        return None
    return Conflict(
        f"hasDrawerPerDevice stays as it is: the business day {day} has cash in it; "
        "close the day first"
    )


def _columns(request: Profile) -> dict[str, Any]:
    return {
        "name": request.name,
        "address_lines": request.addressLines,
        "postcode": request.postcode,
        "phone_number": request.phoneNumber,
        "email_address": request.emailAddress,
        "tax_number": request.taxNumber,
        "website": request.website,
        "bill_message": request.billMessage,
        "currency": request.currency,
        "time_zone": request.timeZone,
        "closing_time": time.fromisoformat(request.closingTime),
        "access_policy": request.accessPolicy,
        "accepts_orders": request.acceptsOrders,
        "finalizes_paid_tabs": request.finalizesPaidTabs,
        "service_charge_rate": request.serviceChargeRate,
        "service_charge_bears_vat": request.serviceChargeBearsVat,
        "has_drawer_per_device": request.hasDrawerPerDevice,
        "cash_needs_approval": request.cashNeedsApproval,
        "refuses_sold_out_orders": request.refusesSoldOutOrders,
        "limits": json.dumps(_limit_columns(request.limits)),
    }


def profile_of(row: Record) -> VenueProfile:
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
        hasDrawerPerDevice=row["has_drawer_per_device"],
        cashNeedsApproval=row["cash_needs_approval"],
        refusesSoldOutOrders=row["refuses_sold_out_orders"],
        limits=_limits_of(Limits.of(from_json(row["limits"]))),
    )


def _limit_columns(limits: ConfirmAbove) -> dict[str, int]:
    """Those that are not the default: a new default then holds for a venue that has set nothing."""
    given = Limits(
        tip=limits.tip,
        tip_rate=limits.tipRate,
        quantity=limits.quantity,
        covers=limits.covers,
        days_ahead=limits.daysAhead,
    )
    usual = asdict(Limits())
    return {name: value for name, value in asdict(given).items() if value != usual[name]}


def _limits_of(limits: Limits) -> ConfirmAbove:
    return ConfirmAbove.model_construct(
        tip=limits.tip,
        tipRate=limits.tip_rate,
        quantity=limits.quantity,
        covers=limits.covers,
        daysAhead=limits.days_ahead,
    )
