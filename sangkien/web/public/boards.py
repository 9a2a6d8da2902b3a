"""Boards: every unit's count against its target, beside its peers, as of any moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from sangkien.core.errors import NotFound
from sangkien.programmes.queries import phases_of, the_programme
from sangkien.tally import queries as tally
from sangkien.tally.figures import Board, BoardGroup, BoardRow, Counts
from sangkien.units.models import Unit
from sangkien.units.queries import ancestors, get_unit
from sangkien.units.today import followers_of
from sangkien.web import asof, charts
from sangkien.web.public import trees
from sangkien.web.public.codes import proper_address
from sangkien.web.public.front import is_done, progress_of
from sangkien.web.public.phases import asked_phase, empty_page

SINCE = "so-voi"
CLUSTER = "cum"
SORT = "xep"
ONE_LIST = "tat-ca"
"""The value of ``?cum=`` for one list of all units instead of one for each cluster."""

SortKey = Callable[[BoardRow], tuple[object, ...]]


def _downwards(value: int | Decimal | None) -> tuple[object, ...]:
    """Highest first, None last."""
    return (value is None, -(value or 0))


SORTS: dict[str, SortKey] = {
    "rank": lambda row: (row.rank,),
    "progress": lambda row: _downwards(progress_of(row)),
    "gained": lambda row: _downwards(row.rank_change),
    "benefit": lambda row: _downwards(row.counts.benefit_claimed),
    "valid": lambda row: _downwards(row.counts.valid),
    "name": lambda row: (row.unit.sort_key,),
}


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row as it is drawn: its place in the list that is shown, and whether the whole programme is done.

    ``followed_by`` holds what has directly followed a unit that has closed.
    """

    place: int
    row: BoardRow
    is_done: bool
    followed_by: Sequence[Unit] = ()


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A list as it is drawn: a cluster with its sum, or all units (``group`` None)."""

    group: BoardGroup | None
    rows: list[ShownRow]


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the board: how many units it shows, how many have met their target, and their counts."""

    units: int
    met: int
    counts: Counts


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the board of the units directly under the owner of the programme."""
    return _board_page(request, None)


@require_safe
def unit_board(request: HttpRequest, code: str) -> HttpResponse:
    """Show the board inside a unit. Its code in small letters leads to its one address."""
    if proper := proper_address(request, code):
        return proper
    return _board_page(request, get_unit(code))


def _board_page(request: HttpRequest, parent: Unit | None) -> HttpResponse:
    programme = the_programme()
    if programme is None:
        return empty_page(request)
    phases = phases_of(programme)
    campaigns = list(programme.campaigns.order_by("starts_at"))
    moment = trees.read(request, programme)
    if parent and (elsewhere := trees.page_today(request, parent, moment.tree)):
        return elsewhere
    since, since_text, since_error = asof.read_since(request.GET, SINCE, programme, moment.moments)
    phase = asked_phase(request.GET, programme, phases, moment.moments)
    figures = tally.board(programme, moment.moments, parent=parent, since=since, phase=phase, tree=moment.tree)
    sort = request.GET.get(SORT, "")
    sort = sort if sort in SORTS else "rank"
    groups = shown_groups(figures, request.GET, sort)
    context = {
        "programme": programme,
        "parent": parent,
        "ancestors": ancestors(parent) if parent else [],
        "asof": moment,
        "tree": trees.choice(figures.parent, moment),
        "presets": asof.presets(moment, phases, campaigns),
        "phases": [one for one in phases if one.opens_at < moment.moments.as_of],
        "phase": phase,
        "board": figures,
        "since_text": since_text or asof.written(figures.since),
        "since_error": since_error,
        "groups": groups,
        "clusters": [group.cluster for group in figures.groups if group.cluster],
        "cluster": request.GET.get(CLUSTER, ""),
        "sort": sort,
        "scale": charts.scale_for(progress_of(row) for row in figures.rows),
        "has_targets": has_targets(figures.rows),
        "head": head_of(figures, groups),
    }
    status = moment.status if moment.error else 422 if since_error else 200
    return render(request, "public/board.html", context, status=status)


def has_targets(rows: Sequence[BoardRow]) -> bool:
    """Say whether any of the units has a target of the phase: without one there is no progress to show."""
    return any(row.phase_progress for row in rows)


def shown_groups(board: Board, query: QueryDict, sort: str) -> list[ShownGroup]:
    """Return the lists that ``?cum=`` asks for, sorted: every cluster, one of them, or all units in one list.

    Raises NotFound for a cluster that is not on this board.
    """
    wanted = query.get(CLUSTER, "").strip()
    followers = followers_of([row.unit for row in board.rows])
    grouped = any(group.cluster for group in board.groups)
    if wanted == ONE_LIST or not grouped:
        return [ShownGroup(None, shown_rows(board.rows, sort, followers, in_group=False))]
    groups = [
        ShownGroup(group, shown_rows(group.rows, sort, followers, in_group=True))
        for group in board.groups
        if not wanted or (group.cluster and group.cluster.code == wanted)
    ]
    if not groups and wanted:
        raise NotFound(_("There is no cluster with this code."), code="unknown_cluster", field=CLUSTER)
    return groups


def head_of(board: Board, groups: Sequence[ShownGroup]) -> Head:
    """Return the figures of what is shown: of the one cluster that was chosen, else of the whole board."""
    only = groups[0].group if len(groups) == 1 else None
    if only is not None:
        return Head(len(only.rows), only.met, only.counts)
    return Head(len(board.rows), sum(group.met for group in board.groups), board.total)


def shown_rows(
    rows: Sequence[BoardRow], sort: str, followers: Mapping[int, Sequence[Unit]], *, in_group: bool
) -> list[ShownRow]:
    """Return the rows sorted, each with what follows its unit; equal ones stay in the order of their ranks."""
    return [
        ShownRow(row.rank_in_group if in_group else row.rank, row, is_done(row), tuple(followers.get(row.unit.pk, ())))
        for row in sorted(rows, key=SORTS[sort])
    ]
