"""A tab goes into rows and comes out of them as it was: the exact shares of a split above all."""

import json
from typing import Any

from hypothesis import given, settings

from epos.domain import tab, tab_splits
from epos.domain.tab import Tab
from epos.domain.tab_sums import sums
from epos.services.till import tab_rows
from epos.store.tabs import TabRow
from tests.support.arithmetic import Till
from tests.support.tab_strategies import splits

TILL = Till({**vars(tab), **vars(tab_splits)})


def stored(columns: Any) -> Any:
    """As jsonb gives it back, with the properties of an object in an order of its own."""
    return json.loads(json.dumps(columns, sort_keys=True))


def read_back(whole: Tab) -> Tab:
    lines = [stored(tab_rows.line_columns(line)) for line in whole.lines]
    by_id = {line["id"]: line for line in lines}
    return tab_rows.tab_of(TabRow(by_id, **tab_rows.tab_columns(whole)))


@settings(max_examples=50)
@given(splits(TILL))
def test_a_tab_is_read_as_it_was_written(split: tuple[Tab, list[Tab]]) -> None:
    whole, parts = split
    for each in (whole, *parts):
        again = read_back(each)
        assert again == each
        assert sums(again) == sums(each)


def test_a_charge_that_bears_no_vat_is_kept_apart_from_one_at_no_rate() -> None:
    """None is no key of an object of JSON."""
    shares = tab.Shares(off={}, service_charge={None: 5, 0: 7, 2000: 9}, vat={0: 0})
    assert read_back(Tab(as_split=shares)).as_split == shares
