"""When a target will be met: what is said, what is not, and that the uncertainty is what it claims to be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sangkien.tally.figures import TimelineDay
from sangkien.tally.pace import CONFIDENCE, FEWEST_WEEKS, LONGEST, WEEK, pace_of

FIRST = date(2022, 1, 3)
COUNTS = st.lists(st.integers(0, 400), max_size=90)


def days_of(counts: Sequence[int]) -> list[TimelineDay]:
    """Days with so many submissions each, cumulative."""
    return [TimelineDay(FIRST + timedelta(n), total, 0) for n, total in enumerate(accumulate(counts))]


def test_a_steady_count_meets_its_target_on_the_day_that_one_expects() -> None:
    pace = pace_of(days_of([10] * 60), 1_000)
    assert (pace.rate_per_day, pace.weeks, pace.enough) == (10.0, 8, True)
    assert pace.met_on == FIRST + timedelta(99)  # the hundredth day
    assert pace.earliest is not None
    assert pace.latest is not None
    assert pace.earliest < pace.met_on < pace.latest


def test_a_target_that_is_met_has_the_day_on_which_it_was() -> None:
    pace = pace_of(days_of([10] * 60), 400)
    assert pace.met_on == pace.earliest == pace.latest == FIRST + timedelta(39)
    assert pace.enough


def test_also_on_the_first_of_all_days() -> None:
    assert pace_of(days_of([500]), 400).met_on == FIRST


@pytest.mark.parametrize("count", [0, 1, FEWEST_WEEKS * WEEK - 1])
def test_fewer_than_four_whole_weeks_are_not_enough(count: int) -> None:
    pace = pace_of(days_of([10] * count), 1_000)
    assert not pace.enough
    assert (pace.met_on, pace.earliest, pace.latest) == (None, None, None)


def test_four_whole_weeks_are_enough() -> None:
    assert pace_of(days_of([10] * FEWEST_WEEKS * WEEK), 1_000).enough


def test_nothing_in_the_last_weeks_is_not_enough_whatever_came_before() -> None:
    pace = pace_of(days_of([50] * 30 + [0] * 60), 2_000)
    assert (pace.enough, pace.rate_per_day, pace.met_on) == (False, 0.0, None)


def test_only_the_last_eight_weeks_count() -> None:
    assert pace_of(days_of([900] * 30 + [1] * 56), 100_000).rate_per_day == 1.0


def test_a_day_of_the_week_on_which_nobody_works_makes_nothing_uncertain() -> None:
    week = [12, 12, 12, 12, 12, 10, 0]
    assert pace_of(days_of(week * 8), 1_000) == pace_of(days_of([10] * 56), 1_000)


def test_of_what_comes_in_one_burst_nobody_can_say_that_it_goes_on() -> None:
    pace = pace_of(days_of([0] * 49 + [700] + [0] * 6), 2_000)
    assert pace.enough
    assert pace.met_on is not None
    assert pace.earliest is not None
    assert pace.latest is None


def test_what_takes_longer_than_ten_years_is_not_dated() -> None:
    pace = pace_of(days_of([1] * 56), 10 * LONGEST)
    assert pace.enough
    assert (pace.met_on, pace.earliest, pace.latest) == (None, None, None)


@pytest.mark.parametrize("target", [0, -1])
def test_a_target_is_above_zero(target: int) -> None:
    with pytest.raises(ValueError, match="above zero"):
        pace_of(days_of([10] * 60), target)


@given(COUNTS, st.integers(1, 60_000))
def test_the_earliest_day_is_never_after_the_expected_one_nor_that_after_the_latest(
    counts: list[int], target: int
) -> None:
    pace = pace_of(days_of(counts), target)
    dated = [day for day in (pace.earliest, pace.met_on, pace.latest) if day is not None]
    assert dated == sorted(dated)
    assert pace.enough or not dated
    if pace.met_on is not None:
        assert pace.earliest is not None
    if counts and sum(counts) < target:
        assert all(day > FIRST + timedelta(len(counts) - 1) for day in dated)


@given(COUNTS, st.integers(1, 30_000), st.integers(1, 30_000))
def test_more_takes_longer(counts: list[int], target: int, more: int) -> None:
    low, high = pace_of(days_of(counts), target), pace_of(days_of(counts), target + more)
    for nearer, further in ((low.met_on, high.met_on), (low.earliest, high.earliest)):
        assert nearer is None or further is None or nearer <= further


def test_four_times_out_of_five_the_day_lies_between_the_two() -> None:
    """Weeks that vary by chance: the target is really met inside the interval as often as it claims, or a bit more."""
    chance = Random(20220110)
    inside = tries = 0
    for _try in range(400):
        counts = [count for _week in range(60) for count in [chance.randint(60, 140)] + [0] * 6]
        seen, target = days_of(counts)[:56], 2_000
        pace = pace_of(seen, target)
        if seen[-1].submitted >= target or pace.latest is None or pace.earliest is None:
            continue
        really = next(day.day for day in days_of(counts) if day.submitted >= target)
        tries += 1
        inside += pace.earliest <= really + timedelta(6) and really <= pace.latest
    assert tries > 300
    assert CONFIDENCE / 100 - 0.05 <= inside / tries <= 0.98
