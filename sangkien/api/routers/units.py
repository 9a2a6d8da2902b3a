"""Units: finding one, and where it stands."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from sangkien.api import answers, parameters, schemas
from sangkien.core import clock
from sangkien.units import queries

router = Router(tags=["units"])


@router.get("units", response=schemas.UnitsOut, operation_id="list_units", summary="Find units")
def units(request: HttpRequest, asked: Query[parameters.UnitsAsked]) -> HttpResponse:
    """Units by name or code, the best match first; without ``q`` those directly under the confederation."""
    if asked.q is None:
        top = queries.root()
        found = list(queries.children_ever(top)) if top else []
    else:
        today = clock.day_of(clock.now()) if asked.open else None
        found = queries.search_units(asked.q, asked.limit, open_on=today)
    above = queries.ancestors_of(found)
    return answers.respond(request, schemas.UnitsOut(units=[answers.unit_line(u, above[u.pk]) for u in found]))


@router.get("units/{code}", response=schemas.UnitOut, operation_id="get_unit", summary="One unit")
def unit(request: HttpRequest, code: parameters.UnitCode) -> HttpResponse:
    """A unit, the units above it and the cluster or block in which it competes today."""
    found = queries.get_unit(code)
    cluster = queries.clusters_of([found], clock.day_of(clock.now())).get(found.pk)
    return answers.respond(request, answers.unit_in_full(found, queries.ancestors(found), cluster))
