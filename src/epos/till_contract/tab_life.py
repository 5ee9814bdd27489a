"""What a till asks for in the life of a tab: editing it in peace, moving it on, moving it elsewhere."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from epos.contract.base import Answer, ClosedRequest, Id, whole
from epos.domain.tab_rules import MOST_LINES
from epos.till_contract.base import Covers, Version
from epos.till_contract.staff import Approval
from epos.till_contract.tab_requests import Quantity, Reason
from epos.till_contract.tabs import Tab

LONGEST_HOLD = 60
"""Seconds. A till that edits for longer renews it; one that was switched off is soon forgotten."""


class HoldTab(ClosedRequest):
    """Someone edits the tab at this till."""

    seconds: Annotated[int, *whole(1, LONGEST_HOLD)]
    """From now on, by the venue's clock."""


class BreakLock(ClosedRequest):
    """The lock that a manager ends, as it was seen on the tab."""

    lockId: Id
    approval: Approval


class Progress(StrEnum):
    """Where the kitchen and the floor may move an order on."""

    Submitted = "Submitted"
    Confirmed = "Confirmed"
    Accepted = "Accepted"
    Preparing = "Preparing"
    Prepared = "Prepared"
    Ready = "Ready"


class MoveOn(ClosedRequest):
    """A step forward; steps may be skipped."""

    version: Version
    status: Progress


class ChangeTab(ClosedRequest):
    """A change that needs nothing but the version."""

    version: Version


class GiveReason(ClosedRequest):
    """A change that somebody will ask about."""

    version: Version
    reason: Reason


class Cancel(ClosedRequest):
    """An order that shall not be."""

    version: Version
    reason: Reason
    approval: Approval | None = None
    """A manager's, which a tab needs of which something was sent to the kitchen."""


class Reopen(ClosedRequest):
    """A manager opens a finished tab again."""

    version: Version
    reason: Reason
    approval: Approval


class Transfer(ClosedRequest):
    """To another table, to another waiter, or both."""

    version: Version
    tableId: Id | None = None
    """The party that sits there gets the tab; nobody there, no party."""
    waiterId: Id | None = None


class Merge(ClosedRequest):
    """The other tab, whose lines are to stand on one tab with these."""

    version: Version
    otherTabId: Id
    otherVersion: Version


class Merged(Answer):
    """What became of two tabs."""

    tab: Tab
    """With the lines of both. Where only one had payments, it is that one."""
    emptied: Tab
    """Canceled; `mergedInto` names the other."""


class TakenLine(ClosedRequest):
    """So many of a line."""

    lineId: Id
    quantity: Quantity


class Split(ClosedRequest):
    """What a new tab gets: lines, or all that some covers have had."""

    version: Version
    lines: (
        Annotated[list[TakenLine], Field(min_length=1, max_length=MOST_LINES, fail_fast=True)]
        | None
    ) = None
    covers: (
        Annotated[list[Covers], Field(min_length=1, max_length=MOST_LINES, fail_fast=True)] | None
    ) = None
    tableId: Id | None = None
    """Unset: the same table and party."""
    waiterId: Id | None = None
    """Unset: the same waiter."""


class Parted(Answer):
    """What became of a tab that was split."""

    tab: Tab
    """The tab as it was known, with its payments and what was not taken."""
    taken: Tab
    """The new one."""
