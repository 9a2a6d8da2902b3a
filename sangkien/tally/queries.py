"""Every figure on every page, file and API answer comes from here and carries its moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from sangkien.core import clock
from sangkien.core.errors import InvalidInput
from sangkien.core.numbers import ranks, share_percent
from sangkien.people.categories import Category
from sangkien.programmes.models import Phase, Programme
from sangkien.programmes.queries import TargetInForce, phase_before, phases_of, targets_in_force
from sangkien.tally import sources
from sangkien.tally.figures import (
    Board,
    BoardGroup,
    BoardRow,
    CategoryShare,
    Counts,
    FieldCount,
    Moments,
    PhaseProgress,
    Summary,
    TargetProgress,
    TimelineDay,
    Tree,
    headline,
    programme_headline,
)
from sangkien.tally.models import Ordinal, Publication
from sangkien.units.models import Cluster, Unit
from sangkien.units.queries import children_ever, clusters_of, is_open_on
from sangkien.units.today import Source, children_today, sources_of

DEFAULT_SINCE_DAYS = 40
"""A board compares ranks with this many days before its moment, unless told otherwise."""


def published() -> datetime | None:
    """Return the as-of moment: figures before it are final. None before the first fold."""
    return Publication.objects.values_list("as_of", flat=True).first()


def generation() -> int:
    """Return a number that changes whenever figures do: what caches are keyed by."""
    return Publication.objects.values_list("generation", flat=True).first() or 0


def moments(programme: Programme, asked: datetime | None = None, *, known_now: bool = False) -> Moments:
    """Return the moments of an answer as of ``asked`` (exclusive; None: now).

    Beyond the published moment a question is answered as of that moment. Raises InvalidInput for a moment later than
    now or before the programme began.
    """
    if asked is not None and asked > clock.now():
        raise InvalidInput(
            _("This moment has not come yet. Choose one that has passed."), code="as_of_in_future", field="as_of"
        )
    if asked is not None and asked < programme.starts_at:
        raise InvalidInput(
            _("The programme had not begun at this moment. Choose a later one."),
            code="as_of_before_programme",
            field="as_of",
        )
    newest = max(published() or programme.starts_at, programme.starts_at)
    as_of = newest if asked is None else min(asked, newest)
    return Moments(as_of=as_of, published=newest, asked=asked, known_now=known_now)


def summary(
    programme: Programme,
    moments: Moments,
    *,
    unit: Unit | None = None,
    phase: Phase | None = None,
    tree: Tree = Tree.THEN,
) -> Summary:
    """Return a programme, or one unit's part of it, at a moment.

    ``phase`` None: the last one that had opened by then. ``phases`` holds every phase that had. Under today's tree
    targets are those of the unit itself.
    """
    unit = unit or programme.owner
    all_phases = phases_of(programme)
    begun = [p for p in all_phases if p.opens_at < moments.as_of]
    phase = phase or phase_before(all_phases, moments.as_of)
    codes = [sources.ALL_CATEGORIES, *Category.values]
    ids = [p.pk for p in all_phases]
    rolled = sources_of([unit.pk]) if tree is Tree.TODAY else []
    totals = sources.totals(
        unit,
        (),
        ids,
        [moments.as_of],
        categories=codes,
        known_until=_known_until(moments),
        also={s.source_id: s.path for s in rolled},
    ).rolled(rolled)
    counts = totals.of(0, unit.pk, ids)
    targets = targets_in_force(programme, [unit.pk], moments.as_of)
    by_phase = {p.pk: totals.of(0, unit.pk, [p.pk]) for p in all_phases}
    progress = _progress(targets, counts, all_phases, by_phase)
    signs = _signs(unit, rolled)
    phases = tuple(_phase_progress(signs, p, by_phase[p.pk], progress, moments) for p in begun)
    return Summary(
        programme=programme,
        unit=unit,
        moments=moments,
        counts=counts,
        progress=programme_headline(progress),
        phase=next((p for p in phases if phase is not None and p.phase.pk == phase.pk), None),
        phases=phases,
        categories=tuple(
            CategoryShare(c, n := totals.of(0, unit.pk, ids, c.value).submitted, share_percent(n, counts.submitted))
            for c in Category
        ),
        tree=tree,
    )


def board(
    programme: Programme,
    moments: Moments,
    *,
    parent: Unit | None = None,
    since: datetime | None = None,
    phase: Phase | None = None,
    tree: Tree = Tree.THEN,
) -> Board:
    """Return the units directly under ``parent`` (None: the programme's owner), ranked by submitted count.

    ``since`` is the moment that ranks are compared with (None: 40 days earlier, at the earliest the programme's
    beginning). ``phase`` None: the last one that had opened by then. Under today's tree, the units directly below it
    today with what counts for them today; their targets and clusters are their own. Raises InvalidInput when ``since``
    is not before the board's moment.
    """
    parent = parent or programme.owner
    since = _since(programme, moments, since)
    all_phases = phases_of(programme)
    phase = phase or phase_before(all_phases, moments.as_of)
    ids = [p.pk for p in all_phases]
    units = children_today(parent) if tree is Tree.TODAY else list(children_ever(parent))
    rolled = sources_of([parent.pk, *(u.pk for u in units)]) if tree is Tree.TODAY else []
    totals = sources.totals(
        parent,
        (),
        ids,
        [moments.as_of, since],
        known_until=_known_until(moments),
        also={u.pk: u.path for u in units} | {s.source_id: s.path for s in rolled},
    ).rolled(rolled)
    units = [u for u in units if _is_on_board(u, moments.as_of, totals.of(0, u.pk, ids), tree)]
    counts = {u.pk: totals.of(0, u.pk, ids) for u in units}
    phase_counts = {u.pk: totals.of(0, u.pk, [phase.pk]) if phase else Counts() for u in units}
    progress = _unit_progress(programme, units, phase, counts, phase_counts, moments.as_of)
    day = clock.day_of(clock.now()) if tree is Tree.TODAY else clock.day_of_cutoff(moments.as_of)
    ranks_then = _ranks_at(units, totals, ids, since, tree)
    rows = _ranked(units, counts, phase_counts, progress, clusters_of(units, day), ranks_then)
    total = totals.of(0, parent.pk, ids)
    return Board(
        programme=programme,
        phase=phase,
        parent=parent,
        moments=moments,
        since=since,
        rows=tuple(rows),
        groups=_groups(rows),
        total=total,
        own=total + -sum((r.counts for r in rows), Counts()),
        tree=tree,
    )


def timeline(
    programme: Programme,
    moments: Moments,
    *,
    unit: Unit | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    tree: Tree = Tree.THEN,
) -> tuple[TimelineDay, ...]:
    """Return how a unit's figures stood at the end of each Vietnamese day, cumulative.

    With ``moments.known_now`` each day holds what is known now about what had been submitted by its end. From
    ``first_day`` (if not given, the day on which the first phase opened) to ``last_day`` (the day that the moment
    closes), both inclusive. The last day, if the moment lies within it, holds the figures of the moment.
    """
    unit = unit or programme.owner
    phases = phases_of(programme)
    if not phases:
        return ()
    ids = [p.pk for p in phases]
    first = first_day or clock.day_of(min(p.opens_at for p in phases))
    closing = clock.day_of_cutoff(moments.as_of)
    last = min(last_day or closing, closing)
    rolled = sources_of([unit.pk]) if tree is Tree.TODAY else []
    signs = _signs(unit, rolled)
    added = _added_known if moments.known_now else _added_then
    changes = added(signs, ids, moments.as_of)
    submitted = sum(s for day, (s, _v) in changes.items() if day < first)
    valid = sum(v for day, (_s, v) in changes.items() if day < first)
    days = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        change = changes.get(day, (0, 0))
        submitted, valid = submitted + change[0], valid + change[1]
        days.append(TimelineDay(day, submitted, valid))
    if days and last == closing:
        also = {s.source_id: s.path for s in rolled}
        totals = sources.totals(unit, (), ids, [moments.as_of], known_until=_known_until(moments), also=also)
        now = totals.rolled(rolled).of(0, unit.pk, ids)
        days[-1] = TimelineDay(last, now.submitted, now.valid)
    return tuple(days)


def field_counts(
    programme: Programme, moments: Moments, *, unit: Unit | None = None, tree: Tree = Tree.THEN
) -> tuple[FieldCount, ...]:
    """Return how many were submitted in each field, most first.

    Empty for a unit below the unions, and under today's tree for one that something below the unions has gone to or
    left: fields are counted by union.
    """
    unit = unit or programme.owner
    rolled = sources_of([unit.pk]) if tree is Tree.TODAY else []
    if unit.level > 2 or any(len(source.path) > 2 for source in rolled):
        return ()
    ids = [p.pk for p in phases_of(programme)]
    unions = None if unit.level == 1 else _signs(unit, rolled)
    found = sources.field_totals(unions, ids, moments.as_of, known_until=_known_until(moments))
    return tuple(FieldCount(f, n) for f, n in found)


def ordinal_of(initiative_id: int) -> Ordinal | None:
    """Return which number in its programme an initiative was; None until the fold has counted it (a second or two)."""
    return Ordinal.objects.filter(initiative_id=initiative_id).first()


def ordinals_of(numbers: Sequence[int]) -> dict[int, Ordinal]:
    """Return the ordinals of these initiatives, by their numbers; those not counted yet are left out."""
    return {ordinal.initiative_id: ordinal for ordinal in Ordinal.objects.filter(initiative_id__in=numbers)}


# --- how the answers are put together ----------------------------------------------------------------------------


def _known_until(moments: Moments) -> datetime | None:
    """Return the moment up to which decisions count, None for the moment of the answer itself."""
    return moments.published if moments.known_now else None


def _signs(unit: Unit, rolled: Sequence[Source]) -> dict[int, int]:
    """Return the units that make up a unit's figures, each with how often it counts; those that cancel are left out."""
    signs = {unit.pk: 1}
    for source in rolled:
        signs[source.source_id] = signs.get(source.source_id, 0) + source.sign
    return {pk: sign for pk, sign in signs.items() if sign}


_Changes = dict[date, tuple[int, int]]


def _added_then(signs: dict[int, int], phase_ids: Sequence[int], before: datetime) -> _Changes:
    """Return what came to submitted and valid on each Vietnamese day."""
    standing: dict[sources.Key, tuple[int, int]] = {}
    changes: _Changes = {}
    for day, key, submitted, valid in sources.day_ends(signs, phase_ids, before):
        last = standing.get(key, (0, 0))
        so_far = changes.get(day, (0, 0))
        changes[day] = (so_far[0] + submitted - last[0], so_far[1] + valid - last[1])
        standing[key] = (submitted, valid)
    return changes


def _added_known(signs: dict[int, int], phase_ids: Sequence[int], before: datetime) -> _Changes:
    """Return the same by day of submission, as known now."""
    return {day: (submitted, valid) for day, submitted, valid in sources.known_by_day(signs, phase_ids, before)}


def _since(programme: Programme, moments: Moments, since: datetime | None) -> datetime:
    """Return the moment that ranks are compared with. Raises InvalidInput."""
    if since is None:
        return max(moments.as_of - timedelta(days=DEFAULT_SINCE_DAYS), programme.starts_at)
    if not programme.starts_at <= since < moments.as_of:
        raise InvalidInput(
            _("Ranks are compared with a moment between the beginning of the programme and the board's own."),
            code="since_out_of_range",
            field="since",
        )
    return since


def _progress(
    targets: Sequence[TargetInForce], counts: Counts, phases: Sequence[Phase], phase_counts: dict[int, Counts]
) -> tuple[TargetProgress, ...]:
    """Measure counts against targets: a phase's count against the phase's target."""
    by_id = {p.pk: p for p in phases}
    return tuple(
        TargetProgress(
            target=t,
            phase=by_id[t.phase_id] if t.phase_id else None,
            count=(phase_counts[t.phase_id] if t.phase_id else counts).submitted,
        )
        for t in targets
    )


def _phase_progress(
    signs: dict[int, int], phase: Phase, counts: Counts, targets: tuple[TargetProgress, ...], moments: Moments
) -> PhaseProgress:
    """Return one phase with the day on which its headline target was met."""
    progress = headline(tuple(t for t in targets if t.phase and t.phase.pk == phase.pk), in_phase=True)
    if progress is None or not progress.is_met:
        return PhaseProgress(phase, counts, progress, met_on=None, days_early=None)
    reached = sources.first_reached(signs, phase.pk, progress.value, moments.as_of) or moments.as_of
    met_on = clock.day_of_cutoff(reached)
    early = (clock.day_of_cutoff(phase.closes_at) - met_on).days
    return PhaseProgress(phase, counts, progress, met_on=met_on, days_early=early)


def _unit_progress(
    programme: Programme,
    units: Sequence[Unit],
    phase: Phase | None,
    counts: dict[int, Counts],
    phase_counts: dict[int, Counts],
    at: datetime,
) -> dict[int, tuple[TargetProgress, ...]]:
    """Return each unit's progress towards its targets of the phase and of the whole programme."""
    by_unit: defaultdict[int, list[TargetInForce]] = defaultdict(list)
    for target in targets_in_force(programme, [u.pk for u in units], at):
        if target.phase_id is None or (phase is not None and target.phase_id == phase.pk):
            by_unit[target.unit_id].append(target)
    phases = [phase] if phase else []
    return {
        u.pk: _progress(by_unit[u.pk], counts[u.pk], phases, {p.pk: phase_counts[u.pk] for p in phases}) for u in units
    }


def _is_on_board(unit: Unit, at: datetime, counts: Counts, tree: Tree) -> bool:
    """A board lists the units open at its moment (today, under today's tree) or with a figure.

    What follows a unit is open from its own first day on, also when the reorganisation was recorded later: on boards as
    of the days between it stands with 0, beside the one it follows, which has the figures. No shown figure changes.
    """
    if counts.submitted != 0:
        return True
    return unit.closed_on is None if tree is Tree.TODAY else is_open_on(unit, clock.day_of_cutoff(at))


def _ranks_at(
    units: Sequence[Unit], totals: sources.Totals, phase_ids: Sequence[int], since: datetime, tree: Tree
) -> dict[int, int]:
    """Return the ranks that these units had on the board at ``since``; none before the first submission."""
    then = [(u, totals.of(1, u.pk, phase_ids)) for u in units]
    if not any(c.submitted for _u, c in then):
        return {}
    on_board = [(u, c) for u, c in then if _is_on_board(u, since, c, tree)]
    return dict(zip((u.pk for u, _c in on_board), ranks([c.submitted for _u, c in on_board]), strict=True))


def _ranked(
    units: Sequence[Unit],
    counts: dict[int, Counts],
    phase_counts: dict[int, Counts],
    progress: dict[int, tuple[TargetProgress, ...]],
    clusters: dict[int, Cluster],
    ranks_then: dict[int, int],
) -> list[BoardRow]:
    """Return the rows in order of rank; units with equal counts stand in Vietnamese order."""
    rank = dict(zip((u.pk for u in units), ranks([counts[u.pk].submitted for u in units]), strict=True))
    members: defaultdict[int | None, list[int]] = defaultdict(list)
    for unit in units:
        members[clusters[unit.pk].pk if unit.pk in clusters else None].append(unit.pk)
    in_group = {
        pk: place
        for group in members.values()
        for pk, place in zip(group, ranks([counts[pk].submitted for pk in group]), strict=True)
    }
    rows = [
        BoardRow(
            unit=u,
            rank=rank[u.pk],
            rank_in_group=in_group[u.pk],
            rank_change=ranks_then[u.pk] - rank[u.pk] if u.pk in ranks_then else None,
            counts=counts[u.pk],
            phase_counts=phase_counts[u.pk],
            targets=progress[u.pk],
            cluster=clusters.get(u.pk),
        )
        for u in units
    ]
    return sorted(rows, key=lambda r: (r.rank, r.unit.sort_key))


def _groups(rows: Sequence[BoardRow]) -> tuple[BoardGroup, ...]:
    """Return the rows by cluster, in the clusters' order; those in none come last."""
    by_cluster: defaultdict[int | None, list[BoardRow]] = defaultdict(list)
    for row in rows:
        by_cluster[row.cluster.pk if row.cluster else None].append(row)
    groups = [
        BoardGroup(
            cluster=members[0].cluster,
            rows=tuple(members),
            counts=sum((r.counts for r in members), Counts()),
            phase_counts=sum((r.phase_counts for r in members), Counts()),
            met=sum(1 for r in members if r.phase_progress is not None and r.phase_progress.is_met),
        )
        for members in by_cluster.values()
    ]
    return tuple(sorted(groups, key=lambda g: g.cluster.position if g.cluster else 1_000))
