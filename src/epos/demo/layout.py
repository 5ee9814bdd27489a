"""The demo venue as a document: profile, areas, tables and staff. The ids are what people type."""

from epos.demo import menu
from epos.domain.venue import NewVenue
from epos.services.till.layout import NOTHING, planned, write_floor, write_menu
from epos.services.till.profile import set_profile
from epos.store.venue_store import VenueStore
from epos.till_contract.layout import Layout, LayoutArea, LayoutTable, LayoutWaiter
from epos.till_contract.profile import Profile

MANAGER = "100"
_HASH_OF_2468 = (  # public like demo/demo; the demo venue can be used from this machine only
    "$argon2id$v=19$m=19456,t=2,p=1$UrlKDQlbpNgFb3Jf5LJr8w"
    "$rSkAyVbN+lOuDya/ncyUfkTJyEv7iKxypNTbLEAWT+Q"
)
SERVICE_CHARGE_RATE = 1250
"""Hundredths of a percent. The charge is voluntary."""

_WAITERS = [
    LayoutWaiter(id=MANAGER, name="Grace Holloway", isManager=True),
    LayoutWaiter(id="101", name="Amelia Hart"),
    LayoutWaiter(id="102", name="Callum Reid"),
    LayoutWaiter(id="103", name="Priya Nair"),
    LayoutWaiter(id="104", name="Tomasz Zielinski"),
]
# Callum has some tables of the Main Room: the waiter of a table counts before the waiter of its area.
_FAR_END = {f"tbl_{number}" for number in range(7, 13)}


def _area(area_id: str, name: str, waiter_id: str, tables: list[LayoutTable]) -> LayoutArea:
    return LayoutArea(id=area_id, name=name, waiterIds=[waiter_id], tables=tables)


def _tables(prefix: str, name: str, *covers: int) -> list[LayoutTable]:
    return [
        LayoutTable(
            id=f"{prefix}_{number}",
            name=f"{name} {number}",
            maxCovers=most,
            waiterIds=["102"] if f"{prefix}_{number}" in _FAR_END else [],
        )
        for number, most in enumerate(covers, start=1)
    ]


def _areas() -> list[LayoutArea]:
    main_room = _tables("tbl", "Table", 2, 2, 4, 4, 2, 4, 4, 4, 2, 6, 6, 6)
    terrace = _tables("tbl_terrace", "Terrace", 2, 2, 4, 4, 4, 4)
    return [
        _area("area_main", "Main Room", "101", main_room),
        _area("area_terrace", "Terrace", "103", terrace),
        _area("area_bar", "Bar", "104", _tables("tbl_bar", "Bar", 2, 2, 2, 2)),
        _area("area_snug", "Snug", "104", _tables("tbl_snug", "Snug", 4, 6)),
    ]


def _profile(new: NewVenue) -> Profile:
    return Profile(
        name=new.name,
        addressLines=["14 Weir Street", "Little Marlow"],
        postcode="ZZ1 4HH",
        phoneNumber="01632 960144",
        emailAddress="hello@heronandhound.example",
        taxNumber="GB 123 4567 89",
        website="https://heronandhound.example",
        billMessage="Thank you. See you by the river!",
        currency="GBP",
        timeZone=new.time_zone,
        closingTime="04:00",
        accessPolicy="open",
        acceptsOrders=True,
        finalizesPaidTabs=True,
        serviceChargeRate=SERVICE_CHARGE_RATE,
        serviceChargeBearsVat=False,
    )


def layout(new: NewVenue) -> Layout:
    return Layout(venue=_profile(new), waiters=_WAITERS, areas=_areas(), menu=menu.categories())


async def write(store: VenueStore, new: NewVenue) -> None:
    """Write the set-up of the new venue, and the manager's PIN."""
    document, now = layout(new), await store.venue.now()
    await set_profile(store, document.venue, await store.setup.profile())
    await write_floor(store, NOTHING, planned(document), now)
    await write_menu(store, document.menu)
    await store.waiters.set_pin(MANAGER, _HASH_OF_2468)
