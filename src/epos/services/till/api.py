"""The services that the till's API calls."""

from dataclasses import dataclass

from epos.services.till.cash_drawers import CashDrawers
from epos.services.till.days import Days
from epos.services.till.deposits import Deposits
from epos.services.till.floor import Floor
from epos.services.till.keys import Keys
from epos.services.till.layout import Layouts
from epos.services.till.menu import Menus
from epos.services.till.papers import Papers
from epos.services.till.profile import Profiles
from epos.services.till.receipts import Receipts
from epos.services.till.reports import Reports
from epos.services.till.seating import Seating
from epos.services.till.staff import Staff
from epos.services.till.tab_edits import TabEdits
from epos.services.till.tab_moves import TabMoves
from epos.services.till.tab_payments import TabPayments
from epos.services.till.tab_status import TabStatus
from epos.services.till.tabs import Tabs
from epos.services.till.tips import Tips
from epos.services.till.vouchers import Vouchers


@dataclass(frozen=True, slots=True)
class TillServices:
    staff: Staff
    profiles: Profiles
    layouts: Layouts
    floor: Floor
    menu: Menus
    tabs: Tabs
    tab_edits: TabEdits
    tab_moves: TabMoves
    tab_status: TabStatus
    tab_payments: TabPayments
    tips: Tips
    deposits: Deposits
    vouchers: Vouchers
    receipts: Receipts
    days: Days
    cash_drawers: CashDrawers
    reports: Reports
    seating: Seating
    papers: Papers
    keys: Keys
