"""Finding a unit and going down the tree; a unit's own page with what this officer may change of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sangkien.core import clock
from sangkien.people.models import Person
from sangkien.units.checks import kinds_below
from sangkien.units.models import Reorganisation, Unit
from sangkien.units.queries import (
    children_ever,
    children_open,
    former_names,
    heads_of,
    is_open_on,
    predecessors_of,
    search_units,
    successors_of,
)
from sangkien.units.rules import may_close, may_open_below, may_rename
from sangkien.units.scopes import scope_of
from sangkien.web.desk.scope import READERS, chosen_unit
from sangkien.web.desk.tree.units import above_of, own_unit
from sangkien.web.initiatives.requests import signed_in
from sangkien.web.profile.choosing import PlacedUnit, placed

SEARCH = "tim"
PER_PAGE = 100
FOUND = 20
"""So many units that match are shown."""


@dataclass(frozen=True, slots=True)
class Found:
    """What somebody searched for, and the units of their own that are known by it."""

    typed: str
    units: list[PlacedUnit]


@login_required
@never_cache
@require_safe
def unit_tree(request: HttpRequest) -> HttpResponse:
    """The units directly below one, with a search among all of the officer's own."""
    person = signed_in(request)
    unit = chosen_unit(request, person)
    typed = request.GET.get(SEARCH, "").strip()
    found = _search(person, typed) if typed else None
    if found and (exact := next((one.unit for one in found.units if one.unit.code == typed.upper()), None)):
        return redirect("unit-edit", code=exact.code)
    shows_closed = request.GET.get("da-dong") == "1"
    children = children_ever(unit) if shows_closed else children_open(unit)
    page = Paginator(children, PER_PAGE).get_page(request.GET.get("trang"))
    now = clock.now()
    is_open = is_open_on(unit, clock.day_of(now))
    context = {
        "unit": unit,
        "above": above_of(person, unit),
        "heads": heads_of(person, READERS, now) if not request.GET.get("don-vi") else [],
        "page": page,
        "rows": _rows(list(page)),
        "shows_closed": shows_closed,
        "found": found,
        "may_open": is_open and bool(kinds_below(unit)) and may_open_below(person, unit, now),
    }
    return render(request, "desk/tree/tree.html", context)


def _rows(units: list[Unit]) -> list[dict[str, object]]:
    """Return what the template draws units from, each with how many open ones stand directly below it."""
    below = children_of([unit.pk for unit in units])
    return [{"unit": unit, "below": below.get(unit.pk, 0)} for unit in units]


def _search(person: Person, typed: str) -> Found:
    """Return the officer's units that are known by what was typed."""
    scope = scope_of(person, clock.now(), READERS)
    found = search_units(typed, FOUND, within=scope.heads)
    return Found(typed, placed([unit for unit in found if scope.reaches(unit.path)]))


def children_of(unit_ids: list[int]) -> dict[int, int]:
    """Return how many open units stand directly below each of these; those without any are left out."""
    rows = Unit.objects.filter(parent_id__in=unit_ids, closed_on__isnull=True).values_list("parent_id")
    return dict(rows.annotate(Count("pk")))


@login_required
@never_cache
@require_safe
def unit_edit(request: HttpRequest, code: str) -> HttpResponse:
    """What a unit is, was, followed and was followed by, and what this officer may do with it."""
    person = signed_in(request)
    unit = own_unit(person, code)
    now = clock.now()
    is_open = unit.closed_on is None
    may_end = is_open and unit.parent_id is not None and may_close(person, unit, now)
    children = children_of([unit.pk]).get(unit.pk, 0)
    context = {
        "unit": unit,
        "above": above_of(person, unit),
        "former": former_names(unit),
        "followed": predecessors_of([unit])[unit.pk],
        "followed_by": successors_of([unit])[unit.pk],
        "made": _reorganisations(person, unit),
        "children": children,
        "may_open": is_open and bool(kinds_below(unit)) and may_open_below(person, unit, now),
        "may_rename": is_open and may_rename(person, unit, now),
        "may_move": may_end,
        "may_close": may_end and not children,
    }
    return render(request, "desk/tree/unit.html", context)


def _reorganisations(person: Person, unit: Unit) -> list[Reorganisation]:
    """Return the reorganisations in which the unit closed or followed others and that were not undone, newest first."""
    ids = set(unit.successions.values_list("reorganisation_id", flat=True))
    ids |= set(unit.inheritances.values_list("reorganisation_id", flat=True))
    if not may_close(person, unit, clock.now()):
        return []
    return list(Reorganisation.objects.filter(pk__in=ids - {None}, undone_at=None).order_by("-made_at"))
