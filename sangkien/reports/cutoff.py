"""The cut-off report: how a phase stands at a moment. All of its figures come from ``tally.queries``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sangkien.programmes.models import Basis, Phase, Programme
from sangkien.programmes.queries import target_history
from sangkien.reports.figures import CategoryLine, ClusterLine, CutoffReport, Label, Result, UnitLine
from sangkien.tally import queries as tally
from sangkien.tally.figures import Board, BoardGroup, BoardRow, Counts, Moments, TargetProgress
from sangkien.units.models import Cluster, Unit


def build(programme: Programme, phase: Phase, moments: Moments) -> CutoffReport:
    """Return the report on one phase of a programme at these moments.

    The shares of the categories and the programme's result are over the whole programme up to the moment; everything by
    cluster and unit is of the phase.
    """
    summary = tally.summary(programme, moments, phase=phase)
    board = tally.board(programme, moments, phase=phase)
    part = summary.phase
    phase_total = part.counts if part else Counts()
    clusters = tuple(_cluster_line(group) for group in board.groups)
    return CutoffReport(
        programme=Label(programme.code, programme.name_vi, programme.name_en, programme.name_vi, programme.name_en),
        notice_vi=programme.notice_vi,
        notice_en=programme.notice_en,
        owner=_unit_label(programme.owner),
        phase_number=phase.number,
        phase=Label(str(phase.number), phase.name_vi, phase.name_en, phase.name_vi, phase.name_en),
        opens_at=phase.opens_at,
        closes_at=phase.closes_at,
        as_of=moments.as_of,
        known_at=moments.known_at,
        asked=moments.asked if moments.is_earlier_than_asked else None,
        total=summary.counts,
        phase_total=phase_total,
        result=_result(summary.progress),
        phase_result=_result(part.progress) if part else None,
        met_on=part.met_on if part else None,
        days_early=part.days_early if part else None,
        categories=tuple(CategoryLine(c.category, c.count, c.share_percent) for c in summary.categories),
        clusters=clusters,
        own=_less(phase_total, sum((line.phase_counts for line in clusters), Counts())),
        units_met_phase=_named(row for row in board.rows if row.phase_progress and row.phase_progress.is_met),
        units_met_programme=_named(
            row for row in board.rows if row.programme_progress and row.programme_progress.is_met
        ),
        raised=_named(_raised(board, phase)),
    )


def _raised(board: Board, phase: Phase) -> list[BoardRow]:
    """Return the units that raised their registered target of the phase before the cut-off and still exceeded it."""
    values: defaultdict[int, list[int]] = defaultdict(list)
    units = [row.unit.pk for row in board.rows]
    for target in target_history(board.programme, units, board.moments.as_of):
        if target.basis == Basis.REGISTERED and target.phase_id == phase.pk:
            values[target.unit_id].append(target.value)
    return [row for row in board.rows if _is_raised(values[row.unit.pk]) and _exceeds_registered(row)]


def _is_raised(values: Sequence[int]) -> bool:
    """Say whether the last of these targets, the oldest first, is larger than the first."""
    return len(values) > 1 and values[-1] > values[0]


def _exceeds_registered(row: BoardRow) -> bool:
    progress = row.phase_progress
    return progress is not None and progress.basis == Basis.REGISTERED and progress.excess > 0


def _cluster_line(group: BoardGroup) -> ClusterLine:
    first = max(group.rows, key=lambda row: row.phase_counts.submitted)
    return ClusterLine(
        cluster=_cluster_label(group.cluster) if group.cluster else None,
        phase_counts=group.phase_counts,
        met=group.met,
        leading=_unit_label(first.unit) if first.phase_counts.submitted else None,
        units=tuple(_unit_line(row) for row in group.rows),
    )


def _unit_line(row: BoardRow) -> UnitLine:
    return UnitLine(
        unit=_unit_label(row.unit),
        rank=row.rank,
        rank_in_cluster=row.rank_in_group,
        rank_change=row.rank_change,
        counts=row.counts,
        phase_counts=row.phase_counts,
        phase_result=_result(row.phase_progress),
        programme_result=_result(row.programme_progress),
    )


def _result(progress: TargetProgress | None) -> Result | None:
    if progress is None:
        return None
    return Result(progress.basis, progress.value, progress.progress_percent, progress.excess)


def _unit_label(unit: Unit) -> Label:
    return Label(unit.code, unit.name_vi, unit.name_en, unit.short_vi or unit.name_vi, unit.short_en or unit.name_en)


def _cluster_label(cluster: Cluster) -> Label:
    return Label(cluster.code, cluster.name_vi, cluster.name_en, cluster.short_vi, cluster.short_en)


def _named(rows: Iterable[BoardRow]) -> tuple[Label, ...]:
    return tuple(_unit_label(row.unit) for row in rows)


def _less(total: Counts, part: Counts) -> Counts:
    """Return ``total`` without ``part``, figure by figure."""
    return total + Counts(*(-value for value in (getattr(part, name) for name in Counts.__dataclass_fields__)))
