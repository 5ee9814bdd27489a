"""The till's arithmetic is what a bookkeeper expects, and the bookkeeper is no fool: each property
fails for the fault that stands beside it.

`ARITHMETIC_EXAMPLES` makes the search longer than CI has time for.
"""

import os
from inspect import isfunction, signature

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.properties import till_properties
from tests.properties.till_properties import PLANTED, Property
from tests.support.arithmetic import arithmetic

TILL = arithmetic()
EXAMPLES = int(os.environ.get("ARITHMETIC_EXAMPLES", "30"))
patient = settings(max_examples=EXAMPLES)
each_property = pytest.mark.parametrize("holds", PLANTED, ids=lambda holds: holds.__name__)


@each_property
def test_it_holds(holds: Property) -> None:
    @patient
    @given(st.data())
    def always(data: st.DataObject) -> None:
        holds(TILL, data)

    always()


@each_property
def test_a_fault_is_noticed(holds: Property) -> None:
    """The same examples each time; the first that fails is enough."""
    faulty = arithmetic(PLANTED[holds])

    @settings(
        patient,
        max_examples=500,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
    )
    @given(st.data())
    def always(data: st.DataObject) -> None:
        holds(faulty, data)

    with pytest.raises(AssertionError):
        always()


def test_every_property_has_a_fault_to_notice() -> None:
    properties = {
        thing
        for thing in vars(till_properties).values()
        if isfunction(thing) and list(signature(thing).parameters) == ["till", "data"]
    }
    assert (
        properties == {till_properties.drawn_split, till_properties.drawn_division} | PLANTED.keys()
    )
    assert len(set(PLANTED.values())) == len(PLANTED) >= 10
