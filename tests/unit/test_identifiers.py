"""Ids that sort by time and are unique for ever."""

import itertools
import re
import uuid

from hypothesis import given
from hypothesis import strategies as st

from epos.domain.identifiers import Identifiers

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
MOST_MILLISECONDS = 2**48 - 1


def at(milliseconds: int, entropy: bytes = b"\x55") -> Identifiers:
    """A factory whose clock stands still and whose dice always fall the same."""
    return Identifiers(lambda: milliseconds, lambda size: (entropy * size)[:size])


def as_uuid(identifier: str) -> uuid.UUID:
    value = 0
    for letter in identifier.partition("_")[2]:
        value = value << 5 | ALPHABET.index(letter)
    return uuid.UUID(int=value)


def test_an_id_says_what_it_is_of() -> None:
    assert re.fullmatch("ord_[0-9a-hjkmnp-tv-z]{26}", Identifiers().new("ord"))


@given(st.integers(0, MOST_MILLISECONDS), st.binary(min_size=10, max_size=10))
def test_behind_the_prefix_is_a_uuid_of_version_7(milliseconds: int, entropy: bytes) -> None:
    made = as_uuid(at(milliseconds, entropy).new("ord"))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == milliseconds


@given(st.integers(0, MOST_MILLISECONDS), st.integers(0, MOST_MILLISECONDS))
def test_later_ids_sort_behind_earlier_ones(one: int, other: int) -> None:
    earlier, later = sorted([one, other])
    if earlier < later:
        assert at(earlier, b"\xff").new("ord") < at(later, b"\x00").new("ord")


def test_within_a_millisecond_chance_tells_them_apart() -> None:
    ids = Identifiers(milliseconds=lambda: 1_700_000_000_000)
    assert len({ids.new("ord") for _ in range(10_000)}) == 10_000


def test_a_simulation_gets_the_same_ids_again() -> None:
    assert at(7).new("pay") == at(7).new("pay")
    assert at(7).reference(0) == at(7).reference(0)
    assert at(7).trace_id() == "55" * 16


def test_a_secret_has_256_bits_and_survives_every_config_file() -> None:
    secrets = {Identifiers().secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(re.fullmatch("[0-9a-f]{64}", secret) for secret in secrets)


def test_a_reference_has_nothing_to_mistake_for_something_else() -> None:
    references = [Identifiers().reference(0) for _ in range(2_000)]
    assert all(re.fullmatch("[2-9A-HJ-NP-Z]{4}", reference) for reference in references)
    assert len(set(references)) > 1_900


def test_it_grows_where_short_ones_are_taken() -> None:
    lengths = [len(Identifiers().reference(attempt)) for attempt in range(12)]
    assert lengths[0] == 4
    assert all(one <= following for one, following in itertools.pairwise(lengths))
    assert lengths[-1] > 4
