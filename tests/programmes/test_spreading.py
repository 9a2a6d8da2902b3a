"""How a number is spread: whole numbers that add up exactly, and nobody is passed over."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangkien.programmes.spreading import by_members, evenly

TOTALS = st.integers(0, 10_000_000)
MEMBERS = st.dictionaries(st.integers(1, 10_000), st.integers(0, 500_000), min_size=1, max_size=60)


@given(TOTALS, st.lists(st.integers(), min_size=1, max_size=60, unique=True))
def test_spread_evenly_it_adds_up_and_nobody_differs_by_more_than_one(total: int, units: list[int]) -> None:
    spread = evenly(total, units)
    assert sum(spread.values()) == total
    assert list(spread) == units
    assert max(spread.values()) - min(spread.values()) <= 1
    assert sorted(spread.values(), reverse=True) == [spread[unit] for unit in units], "the first get the odd ones"


@given(TOTALS, MEMBERS)
def test_spread_by_members_it_adds_up_and_nobody_is_off_by_a_whole_one(total: int, members: dict[int, int]) -> None:
    spread = by_members(total, members)
    assert sum(spread.values()) == total
    whole = sum(members.values())
    for unit, number in members.items():
        if whole:
            assert abs(spread[unit] - Fraction(total * number, whole)) < 1


@given(TOTALS, MEMBERS)
def test_who_has_more_members_never_gets_less(total: int, members: dict[int, int]) -> None:
    spread = by_members(total, members)
    for one, ones in members.items():
        assert all(spread[one] >= spread[other] for other, others in members.items() if ones > others)


def test_an_example_from_the_page() -> None:
    assert evenly(10, [7, 8, 9]) == {7: 4, 8: 3, 9: 3}
    assert by_members(100, {7: 1, 8: 1, 9: 4}) == {7: 17, 8: 17, 9: 66}
    assert by_members(1, {7: 1, 8: 3, 9: 3}) == {7: 0, 8: 1, 9: 0}


def test_without_any_members_all_get_the_same() -> None:
    assert by_members(5, {1: 0, 2: 0}) == {1: 3, 2: 2}


@pytest.mark.parametrize(("total", "units"), [(-1, [1]), (5, [])])
def test_what_cannot_be_spread_is_refused(total: int, units: list[int]) -> None:
    with pytest.raises(ValueError, match="at least one unit"):
        evenly(total, units)
