"""The curve of initiatives over time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.dates import MONTHS_3
from django.utils.translation import get_language

from sangkien.core.clock import day_of, day_of_cutoff
from sangkien.core.numbers import format_count
from sangkien.programmes.models import Campaign
from sangkien.tally.figures import TimelineDay
from sangkien.web.charts.bars import at

TOP: Final = 0.06
BOTTOM: Final = 0.90
MOST_POINTS: Final = 240
MOST_TICKS: Final = 7
ROOM_FOR_LINE: Final = 0.06  # of the height: what a line of text needs on a phone
HEIGHT: Final = 1000  # of the drawing inside which the curve stands
ROOM_FOR_LABEL: Final = {"vi": 0.11, "en": 0.17}  # of the width: what "31/5" and "31 May" need on a phone


@dataclass(frozen=True, slots=True)
class Line:
    """A horizontal line and what stands on it."""

    y: str
    text: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A date under the axis."""

    x: str
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time with a name. ``at_end``: its name is set flush with its right edge."""

    x: str
    end: str
    width: str
    campaign: Campaign
    text: str
    at_end: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """The day on which the target was met. ``to_left``: its words stand before it; ``below``: and under the line."""

    x: str
    y: str
    day: str
    to_left: bool
    below: bool


@dataclass(frozen=True, slots=True)
class Growth:
    """The geometry of the curve. ``target`` is None when it stands too high above the curve to be drawn."""

    days: int
    first: date
    last: date
    total: int
    path: str
    grid: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    bands: tuple[Band, ...]
    target: Line | None
    met: Mark | None
    end_y: str


def growth(
    timeline: Sequence[TimelineDay],
    *,
    target: int | None = None,
    met_on: date | None = None,
    campaigns: Sequence[Campaign] = (),
) -> Growth | None:
    """Return the curve of ``timeline`` (one entry a day, in order), or None if there are fewer than two days.

    The target is drawn while it is at most four times as high as the curve: further up, the curve would lie flat.
    """
    if len(timeline) < 2:
        return None
    first, last = timeline[0].day, timeline[-1].day
    most = max(day.submitted for day in timeline)
    target_drawn = target if target and target <= 4 * max(most, 1) else None
    top = max(most, target_drawn or 0, 4) * 1.07
    span = (last - first).days

    def x(day: date) -> float:
        return min(max((day - first).days / span, 0.0), 1.0)

    def y(value: float) -> str:
        return at(BOTTOM - (BOTTOM - TOP) * value / top)

    met = None
    if target_drawn and met_on and first <= met_on <= last:
        met = Mark(
            at(x(met_on)), y(target_drawn), short_day(met_on), to_left=x(met_on) > 0.4, below=most < target_drawn * 1.2
        )
    return Growth(
        days=span,
        first=first,
        last=last,
        total=timeline[-1].submitted,
        path=_path(timeline, top),
        grid=tuple(_grid(most, target_drawn, top, y)),
        ticks=_ticks(first, last, x),
        bands=tuple(_bands(campaigns, first, last, x)),
        target=Line(y(target_drawn), _count(target_drawn)) if target_drawn else None,
        met=met,
        end_y=y(timeline[-1].submitted),
    )


def _grid(most: int, target: int | None, top: float, y: Callable[[float], str]) -> Iterator[Line]:
    """The grid lines; one that stands too close to the target's words for its own has none."""
    for value in grid_values(most):
        is_crowded = target is not None and abs(value - target) < ROOM_FOR_LINE * top
        yield Line(y(value), "" if is_crowded else _count(value))


def grid_values(most: int) -> list[int]:
    """Return at most four round values between zero and ``most``: 1, 2 or 5 times a power of ten apart."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if most // (step * factor) <= 4:
                return [step * factor * n for n in range(1, most // (step * factor) + 1)]
        step *= 10


def short_day(day: date) -> str:
    """Write a day without its year: 11/5 (vi), 11 May (en)."""
    if _is_english():
        return f"{day.day} {MONTHS_3[day.month].capitalize()}"
    return f"{day.day}/{day.month}"


def _is_english() -> bool:
    return (get_language() or "vi").startswith("en")


def _count(value: int) -> str:
    return format_count(value, get_language() or "vi")


def _path(timeline: Sequence[TimelineDay], top: float) -> str:
    """The curve in a drawing as wide as there are days; thinned to a point for every pixel or two."""
    step = -(-len(timeline) // MOST_POINTS)
    chosen = list(range(0, len(timeline), step))
    if chosen[-1] != len(timeline) - 1:
        chosen.append(len(timeline) - 1)
    points = (f"{i} {round(HEIGHT - HEIGHT * timeline[i].submitted / top, 1):g}" for i in chosen)
    return "M" + " ".join(points)


def _ticks(first: date, last: date, position: Callable[[date], float]) -> tuple[Tick, ...]:
    ticks = [Tick("0%", "start", short_day(first))]
    room = ROOM_FOR_LABEL["en" if _is_english() else "vi"]
    months = [day for day in _months(first, last) if room < position(day) < 1 - room]
    step = -(-len(months) // (MOST_TICKS - 2)) or 1
    ticks += [Tick(at(position(day)), "middle", short_day(day)) for day in months[::step]]
    return (*ticks, Tick("100%", "end", short_day(last)))


def _months(first: date, last: date) -> list[date]:
    """The first days of the months between the two days."""
    days = []
    day = first.replace(day=1)
    while day <= last:
        days.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    return days


def _bands(campaigns: Sequence[Campaign], first: date, last: date, position: Callable[[date], float]) -> list[Band]:
    bands = []
    for campaign in campaigns:
        begins, ends = day_of(campaign.starts_at), day_of_cutoff(campaign.ends_at)
        if begins > last or ends < first:
            continue
        left, right = position(begins), position(ends)
        text = f"{short_day(begins)} – {short_day(ends)}"
        bands.append(Band(at(left), at(right), at(right - left), campaign, text, at_end=right > 0.5))
    return bands
