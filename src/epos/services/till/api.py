"""The services that the till's API calls."""

from dataclasses import dataclass

from epos.services.till.areas import AreaSetup
from epos.services.till.days import Days
from epos.services.till.holds import TillHolds
from epos.services.till.layouts import Layouts
from epos.services.till.menu import TillMenu
from epos.services.till.menu_categories import MenuCategories
from epos.services.till.menu_items import MenuItems
from epos.services.till.papers import Papers
from epos.services.till.parties import TillParties
from epos.services.till.profile import Profiles
from epos.services.till.reservations import TillReservations
from epos.services.till.staff import Staff
from epos.services.till.tab_items import TabItems
from epos.services.till.tab_merging import TabMerging
from epos.services.till.tab_opening import TabOpening
from epos.services.till.tab_payments import TabPayments
from epos.services.till.tab_prices import TabPrices
from epos.services.till.tab_splitting import TabSplitting
from epos.services.till.tab_status import TabStatus
from epos.services.till.tab_transfers import TabTransfers
from epos.services.till.tables import TableSetup
from epos.services.till.tabs import Tabs


@dataclass(frozen=True, slots=True)
class TillServices:
    staff: Staff
    profiles: Profiles
    layouts: Layouts
    areas: AreaSetup
    tables: TableSetup
    menu: TillMenu
    menu_categories: MenuCategories
    menu_items: MenuItems
    tabs: Tabs
    tab_opening: TabOpening
    tab_items: TabItems
    tab_prices: TabPrices
    tab_payments: TabPayments
    days: Days
    holds: TillHolds
    tab_status: TabStatus
    parties: TillParties
    reservations: TillReservations
    papers: Papers
    tab_transfers: TabTransfers
    tab_merging: TabMerging
    tab_splitting: TabSplitting
