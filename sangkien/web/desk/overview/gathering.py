"""Everything that the overview of a unit says, gathered once for the page and for the spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sangkien.core import clock
from sangkien.core.numbers import format_percent, progress_percent, share_percent
from sangkien.initiatives.queries import list_fields
from sangkien.initiatives.reviews import Waiting, count_in
from sangkien.people.models import Person
from sangkien.programmes.models import Basis, Campaign, Phase, Programme
from sangkien.programmes.queries import TargetInForce, phases_of, targets_in_force
from sangkien.tally import queries as tally
from sangkien.tally.analysis import Analysis, Overdue, analysis_of, overdue_in
from sangkien.tally.figures import Board, Moments, Summary, TargetProgress, TimelineDay
from sangkien.tally.models import PatternKind
from sangkien.tally.pace import Pace, pace_of
from sangkien.tally.patterns import UnusualPage, list_patterns, pattern_counts, patterns_computed_at
from sangkien.units.models import Unit
from sangkien.web import asof
from sangkien.web.asof import AsOf
from sangkien.web.public.front import chart_days
from sangkien.web.public.phases import asked_phase
from sangkien.web.public.units import FieldShare, fields_by_count

UNUSUAL_SHOWN = 3
ENTERED: dict[str, str | Promise] = {
    "author": _("Entered by one of its authors"),
    "others": _("Entered by somebody else for its authors"),
    "history": _("Taken over from an earlier portal: by whom is not known"),
}
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Against:
    """A target, the count so far, and the pace towards it: None where none is to be told, because the phase is over."""

    progress: TargetProgress
    pace: Pace | None
    closed_on: date | None

    @property
    def rate(self) -> str:
        """How many come each day, with one decimal, in the reader's notation."""
        each_day = Decimal(f"{self.pace.rate_per_day:.1f}" if self.pace else "0.0")
        return format_percent(each_day, get_language() or "vi").removesuffix("%")

    @property
    def missing(self) -> int:
        """How many are missing, 0 once it is met."""
        return max(-self.progress.excess, 0)


@dataclass(frozen=True, slots=True)
class Entered:
    """By whom what was submitted was entered: how many, and their share in whole percent."""

    code: str
    count: int
    share_percent: int

    @property
    def text(self) -> str | Promise:
        """In words."""
        return ENTERED[self.code]


@dataclass(frozen=True, slots=True)
class Found:
    """The unusual patterns of one kind: how many there are, and the largest of them."""

    kind: PatternKind
    total: int
    page: UnusualPage | None


@dataclass(frozen=True, slots=True)
class Overview:
    """How a unit is doing.

    Figures are the tally's as of ``asof``. ``overdue``, ``reviews`` (appeals and second looks), ``found`` and
    ``analysis`` are of now, or of the moment that they carry; all but the last are left out when another was asked for.
    """

    programme: Programme
    unit: Unit
    asof: AsOf
    phases: list[Phase]
    phase: Phase | None
    campaigns: list[Campaign]
    summary: Summary
    board: Board
    days: tuple[TimelineDay, ...]
    against: list[Against]
    analysis: Analysis
    overdue: Overdue | None
    reviews: Waiting | None
    fields: list[FieldShare]
    entered: list[Entered]
    found: list[Found]
    found_at: datetime | None

    @property
    def moments(self) -> Moments:
        """The moments of the figures."""
        return self.asof.moments

    @property
    def valid_percent(self) -> Decimal | None:
        """How much of what was submitted is valid, in percent cut to one decimal; None of nothing."""
        return progress_percent(self.summary.counts.valid, self.summary.counts.submitted)

    @property
    def chart(self) -> tuple[TimelineDay, ...]:
        """The days of the chart: those of the first phase while it is the one shown, else all."""
        first, last = chart_days(self.programme, self.moments, self.phases, self.phase)
        return tuple(day for day in self.days if first <= day.day <= last)


def gather(viewer: Person, programme: Programme, unit: Unit, query: QueryDict) -> Overview:
    """Return the overview of a unit for the moment and the phase that the address asks for.

    The number of queries depends neither on the units below nor on the initiatives. Raises NotFound for a phase that
    there is not. What is overdue and what is unusual is only known of now: with another moment it is left out.
    """
    phases = phases_of(programme)
    moment = asof.read(query, programme)
    phase = asked_phase(query, programme, phases, moment.moments)
    summary = tally.summary(programme, moment.moments, unit=unit, phase=phase)
    board = tally.board(programme, moment.moments, parent=unit, phase=phase)
    days = tally.timeline(programme, moment.moments, unit=unit, first_day=clock.day_of(programme.starts_at))
    analysis = analysis_of(programme, unit)
    counted = tally.field_counts(programme, moment.moments, unit=unit) or analysis.fields
    is_now = not moment.is_chosen
    return Overview(
        programme=programme,
        unit=unit,
        asof=moment,
        phases=phases,
        phase=phase,
        campaigns=list(programme.campaigns.order_by("starts_at")),
        summary=summary,
        board=board,
        days=days,
        against=against(summary, targets_in_force(programme, [unit.pk], moment.moments.as_of), phases, phase, days),
        analysis=analysis,
        overdue=overdue_of(programme, unit, summary, board, analysis) if is_now else None,
        reviews=count_in(unit, viewer, clock.now()) if is_now else None,
        fields=fields_by_count(counted, list_fields()),
        entered=entered_by(analysis),
        found=_found(viewer, programme, unit) if is_now else [],
        found_at=patterns_computed_at(),
    )


def overdue_of(programme: Programme, unit: Unit, summary: Summary, board: Board, analysis: Analysis) -> Overdue:
    """Return what is overdue in a unit and in those directly below it: in each at most as many as wait there.

    What is counted once a day has in part been decided since, and what no longer waits is not overdue.
    """
    waiting = {row.unit.pk: row.counts.waiting for row in board.rows}
    total = summary.counts.waiting
    found = overdue_in(programme, unit, list(waiting), waiting=total, analysis=analysis)
    by_child = {pk: min(found.by_child.get(pk, 0), most) for pk, most in waiting.items()}
    return Overdue(min(found.total, total), by_child, found.computed_at)


def against(
    summary: Summary,
    targets: Sequence[TargetInForce],
    phases: Sequence[Phase],
    phase: Phase | None,
    days: Sequence[TimelineDay],
) -> list[Against]:
    """Return the unit's targets of one phase and of the whole programme, the assigned before the registered ones."""
    counts = {p.phase.pk: p for p in summary.phases}
    rows = []
    for target in targets:
        of_phase = next((p for p in phases if p.pk == target.phase_id), None)
        if of_phase is not None and (phase is None or of_phase.pk != phase.pk or of_phase.pk not in counts):
            continue
        count = counts[of_phase.pk].counts.submitted if of_phase else summary.counts.submitted
        rows.append(_measured(TargetProgress(target, of_phase, count), summary, days))
    return sorted(rows, key=lambda row: (row.progress.phase is None, row.progress.basis != Basis.ASSIGNED))


def _measured(progress: TargetProgress, summary: Summary, days: Sequence[TimelineDay]) -> Against:
    """Return a target with the pace towards it while anything can still be submitted for it, or once it is met."""
    as_of = summary.moments.as_of
    over = progress.phase.closes_at if progress.phase else summary.programme.ends_at
    closed_on = clock.day_of_cutoff(over) if over <= as_of else None
    if closed_on is not None and not progress.is_met:
        return Against(progress, None, closed_on)
    opened = [progress.phase.opens_at] if progress.phase else [one.phase.opens_at for one in summary.phases]
    begins = min(opened, default=summary.programme.starts_at)
    first, last = clock.day_of(begins), clock.day_of_cutoff(min(as_of, over))
    if clock.end_of_day(last) > min(as_of, over):
        last -= ONE_DAY  # a day that is not over would look like a slow one
    before = max((day.submitted for day in days if day.day < first), default=0) if progress.phase else 0
    counted = [TimelineDay(d.day, d.submitted - before, d.valid) for d in days if first <= d.day <= last]
    return Against(progress, pace_of(counted, progress.value), closed_on)


def entered_by(analysis: Analysis) -> list[Entered]:
    """Return who entered what was submitted: an author, somebody for them, or nobody that is known."""
    counts = {"author": analysis.by_author, "others": analysis.for_others, "history": analysis.as_history}
    return [
        Entered(code, count, share_percent(count, analysis.entered))
        for code, count in counts.items()
        if count or code != "history"
    ]


def _found(viewer: Person, programme: Programme, unit: Unit) -> list[Found]:
    """Return the unusual patterns of every kind, with the largest of each."""
    counts = pattern_counts(programme, unit)
    return [
        Found(kind, n, list_patterns(viewer, programme, unit, kind, total=n, limit=UNUSUAL_SHOWN) if n else None)
        for kind, n in counts.items()
    ]
