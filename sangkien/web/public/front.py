"""The programme at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sangkien.core import clock
from sangkien.core.numbers import progress_percent, ranks
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.queries import newest_valid
from sangkien.programmes.models import Campaign, Phase, Programme
from sangkien.programmes.queries import phases_of, the_programme
from sangkien.tally import queries as tally
from sangkien.tally.figures import BoardRow, CategoryShare, Moments, PhaseProgress, Summary, TimelineDay, Tree
from sangkien.units.models import Unit, UnitKind
from sangkien.web import asof, charts
from sangkien.web.public.phases import empty_page, headline_phase

FIRST_PROVINCES = 10
LAST_PROVINCES = 3
NEWEST = 6


@dataclass(frozen=True, slots=True)
class RankedRow:
    """A row of the board with its place by progress."""

    place: int
    row: BoardRow

    @property
    def name(self) -> str:
        """The name of the province or city."""
        return place_of(self.row.unit)


@dataclass(frozen=True, slots=True)
class Provinces:
    """Provinces and cities by progress: ``first`` and ``last`` of them, the rest in between left out."""

    total: int
    met: int
    first: list[RankedRow]
    last: list[RankedRow]


@dataclass(frozen=True, slots=True)
class Found:
    """An initiative with its public code."""

    code: str
    initiative: Initiative


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Show the count against the targets, its growth, who submitted, who leads, and the map."""
    programme = the_programme()
    if programme is None:
        return empty_page(request)
    phases = phases_of(programme)
    campaigns = list(programme.campaigns.order_by("starts_at"))
    moment = asof.read(request.GET, programme)
    phase = headline_phase(programme, phases, moment.moments)
    summary = tally.summary(programme, moment.moments, phase=phase)
    board = tally.board(programme, moment.moments, phase=phase)
    days = timeline_of(programme, moment.moments, phases, phase)
    provinces = [row for row in board.rows if row.unit.kind == UnitKind.PROVINCIAL_FEDERATION]
    leaders = [group.rows[0] for group in board.groups if group.rows]
    context = {
        "programme": programme,
        "asof": moment,
        "presets": asof.presets(moment, phases, campaigns),
        "summary": summary,
        "ruler": ruler_of(summary),
        "other_phases": other_phases(summary, phase),
        "board": board,
        "units_met": sum(group.met for group in board.groups),
        "units_done": sum(1 for row in board.rows if is_done(row)),
        "valid_percent": progress_percent(summary.counts.valid, summary.counts.submitted),
        "growth": growth_of(summary, days, phases, campaigns),
        "half_in": days_with_half(days),
        "slices": category_slices(summary),
        "leaders": leaders,
        "scale": charts.scale_for(progress_of(row) for row in leaders),
        "newest": [] if moment.is_chosen else [Found(code_of(one.pk), one) for one in newest_valid(NEWEST)],
        "provinces": provinces_by_progress(provinces),
        "map": charts.province_map((row.unit.iso_code, place_of(row.unit), progress_of(row)) for row in provinces),
    }
    return render(request, "public/front.html", context, status=moment.status)


def place_of(unit: Unit) -> str:
    """Return the province or city that a federation is named after, in the reader's language."""
    name = unit.short_name
    for lead in ("LĐLĐ tỉnh ", "LĐLĐ "):
        name = name.removeprefix(lead)
    for tail in (" Provincial Federation of Labour", " Federation of Labour"):
        name = name.removesuffix(tail)
    return name


def progress_of(row: BoardRow) -> Decimal | None:
    """Return the progress in percent towards the row's headline target of the phase, None without a target."""
    return row.phase_progress.progress_percent if row.phase_progress else None


def is_done(row: BoardRow) -> bool:
    """Say whether the unit has completed its target for the whole programme."""
    return row.programme_progress is not None and row.programme_progress.is_met


def ruler_of(summary: Summary) -> charts.Ruler | None:
    """Return the count on the ruler of the programme's target, None without a target."""
    if summary.progress is None:
        return None
    phase = summary.phase.progress if summary.phase else None
    return charts.ruler(summary.counts.submitted, summary.progress.value, phase.value if phase else None)


def other_phases(summary: Summary, headline: Phase | None) -> list[PhaseProgress]:
    """Return the phases that have begun beside the headline phase."""
    shown = headline.pk if headline else None
    return [p for p in summary.phases if p.phase.pk != shown and p.phase.opens_at < summary.moments.as_of]


def category_slices(summary: Summary) -> list[tuple[charts.Slice, CategoryShare]]:
    """Return each category with its part of the stacked bar."""
    parts = charts.slices([part.count for part in summary.categories])
    return list(zip(parts, summary.categories, strict=True))


def chart_days(
    programme: Programme, moments: Moments, phases: Sequence[Phase], phase: Phase | None
) -> tuple[date, date]:
    """Return the first and last day of the chart: the first phase's while it is the one shown, else from the start.

    The last day lies before the first if there is nothing to draw yet.
    """
    last = clock.day_of_cutoff(moments.as_of)
    if phase is not None and phase == phases[0]:
        return clock.day_of(phase.opens_at), min(last, clock.day_of_cutoff(phase.closes_at))
    return clock.day_of(programme.starts_at), last


def timeline_of(
    programme: Programme,
    moments: Moments,
    phases: Sequence[Phase],
    phase: Phase | None,
    unit: Unit | None = None,
    tree: Tree = Tree.THEN,
) -> tuple[TimelineDay, ...]:
    """Return the days of the chart, for the whole programme or for one unit."""
    first, last = chart_days(programme, moments, phases, phase)
    if first > last:
        return ()
    return tally.timeline(programme, moments, unit=unit, first_day=first, last_day=last, tree=tree)


def growth_of(
    summary: Summary, days: Sequence[TimelineDay], phases: Sequence[Phase], campaigns: Sequence[Campaign]
) -> charts.Growth | None:
    """Return the curve with the target that it runs towards: the first phase's, later that of the programme."""
    shown = summary.phase
    if shown is not None and shown.phase == phases[0]:
        target = shown.progress.value if shown.progress else None
        return charts.growth(days, target=target, met_on=shown.met_on, campaigns=campaigns)
    return charts.growth(days, target=summary.progress.value if summary.progress else None, campaigns=campaigns)


def days_with_half(days: Sequence[TimelineDay]) -> int | None:
    """Return in how many last days more than half of all came, None if that took over two fifths of the days."""
    if not days or not days[-1].submitted:
        return None
    total = days[-1].submitted
    before = [0, *(day.submitted for day in days)]
    for count in range(1, len(days) * 2 // 5 + 1):
        if (total - before[len(days) - count]) * 2 > total:
            return count
    return None


def provinces_by_progress(rows: Sequence[BoardRow]) -> Provinces:
    """Return the provinces with a target by progress: equal ones share a place, the best first."""
    measured = [row for row in rows if row.phase_progress]
    measured.sort(key=lambda row: (-(progress_of(row) or 0), row.unit.sort_key))
    places = ranks([int((progress_of(row) or 0) * 10) for row in measured])
    placed = [RankedRow(place, row) for place, row in zip(places, measured, strict=True)]
    met = sum(1 for row in measured if row.phase_progress and row.phase_progress.is_met)
    if len(placed) <= FIRST_PROVINCES + LAST_PROVINCES:
        return Provinces(len(rows), met, placed, [])
    return Provinces(len(rows), met, placed[:FIRST_PROVINCES], placed[-LAST_PROVINCES:])
