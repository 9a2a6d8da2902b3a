"""How fast a count grows, and on which day it would reach its target if it went on like that.

Statistics. The last whole weeks (at most ``MOST_WEEKS``) are taken as a sample of the weeks to come; whole weeks,
because a Sunday is not like a Monday, and weeks rather than days, because a busy day is followed by another. With *n*
weeks of mean *m* and variance *s²* (never taken as smaller than *m*, below which counts do not vary even when they come
by pure chance), the sum of the next *k* weeks is expected to be *k·m*, with the variance *k·s²* (the weeks to come
differ among themselves) plus *k²·s²/n* (the mean is only known from *n* weeks). What is missing, *R*, is therefore
reached with ``CONFIDENCE`` percent probability between the two *k* at which

    (k·m - R)² = t²·s²·(k + k²/n)

with Student's *t* for *n - 1* degrees of freedom. That is a quadratic equation in *k*: its smaller root is the earliest
day, its larger one the latest. When the mean itself is not surely above zero (*m² ≤ t²·s²/n*) there is no latest day:
at this pace the target may never be reached, and that is what is said.

What this cannot know: that the phase ends, that people hurry towards a deadline, or that a drive begins tomorrow. It is
analysis, not a figure of the programme.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, sqrt
from typing import Final

from sangkien.tally.figures import TimelineDay

WEEK: Final = 7
FEWEST_WEEKS: Final = 4
"""Whole weeks without which nothing is said."""
MOST_WEEKS: Final = 8
"""Weeks that are looked back at: a pace is of now, not of last winter."""
CONFIDENCE: Final = 80
"""Percent: four times out of five the day lies between the earliest and the latest."""
LONGEST: Final = 3660
"""Days: what would take longer than ten years is not dated."""
_STUDENT: Final = {4: 1.638, 5: 1.533, 6: 1.476, 7: 1.440, 8: 1.415}
"""Student's t by the number of weeks (one more than the degrees of freedom), two-sided for ``CONFIDENCE``."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a count grows towards a target.

    ``enough``: whether there were enough days (and anything came in them) to say more than the rate.
    ``rate_per_day`` is the mean of the whole weeks that were looked at, 0.0 without one; ``weeks`` is their number.
    ``met_on`` is the Vietnamese day on which the target would be met at this pace, ``earliest`` and ``latest`` the ends
    of its uncertainty; None when there is not enough to say it, or when it lies more than ten years away. ``latest`` is
    also None when the target may never be met at this pace. A target that is met already has the day on which it was,
    three times.
    """

    rate_per_day: float
    met_on: date | None
    earliest: date | None
    latest: date | None
    enough: bool
    weeks: int = 0


def pace_of(days: Sequence[TimelineDay], target: int) -> Pace:
    """Return the pace of a cumulative count towards ``target``.

    ``days`` stand in order, one entry for each Vietnamese day, the first being the first on which anything could be
    submitted and the last a whole day: the end of a day that is not over would look like a slow one. Raises ValueError
    for a target that is not above zero.
    """
    if target <= 0:
        raise ValueError("a target is above zero")
    weekly = _weeks(days)
    rate = sum(weekly) / (len(weekly) * WEEK) if weekly else 0.0
    reached = next((one.day for one in days if one.submitted >= target), None)
    if reached is not None:
        return Pace(rate, reached, reached, reached, enough=True, weeks=len(weekly))
    if len(weekly) < FEWEST_WEEKS or rate <= 0:
        return Pace(rate, None, None, None, enough=False, weeks=len(weekly))
    missing, last = target - days[-1].submitted, days[-1].day
    soonest, longest = _bounds(weekly, missing)
    return Pace(
        rate,
        _after(last, missing / rate),
        _after(last, soonest * WEEK),
        None if longest is None else _after(last, longest * WEEK),
        enough=True,
        weeks=len(weekly),
    )


def _weeks(days: Sequence[TimelineDay]) -> list[int]:
    """Return how many came in each of the last whole weeks, the last first; what came on the very first day counts."""
    totals = [0, *(one.submitted for one in days)]
    weeks = min((len(totals) - 1) // WEEK, MOST_WEEKS)
    ends = [len(totals) - 1 - WEEK * number for number in range(weeks + 1)]
    return [totals[end] - totals[end - WEEK] for end in ends[:-1]]


def _bounds(weekly: Sequence[int], missing: int) -> tuple[float, float | None]:
    """Return after how many weeks the target is met at the earliest and at the latest (None: perhaps never)."""
    weeks = len(weekly)
    mean = sum(weekly) / weeks
    variance = max(sum((count - mean) ** 2 for count in weekly) / (weeks - 1), mean)
    spread = _STUDENT[weeks] ** 2 * variance
    # a·k² - b·k + c = 0
    a, b, c = mean**2 - spread / weeks, 2 * mean * missing + spread, float(missing) ** 2
    root = sqrt(max(b**2 - 4 * a * c, 0.0))
    soonest = 2 * c / (b + root)  # the smaller root above zero, in the form that also holds for a = 0 and below
    return soonest, (b + root) / (2 * a) if a > 0 else None


def _after(day: date, days: float) -> date | None:
    """Return the day by whose end so many more days have passed; None beyond ``LONGEST``."""
    return day + timedelta(days=max(ceil(days), 1)) if days <= LONGEST else None
