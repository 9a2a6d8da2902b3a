"""Which phase a page measures by."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponse
from django.shortcuts import render

from sangkien.core.errors import NotFound
from sangkien.programmes.models import Phase, Programme
from sangkien.programmes.queries import phase_before
from sangkien.tally.figures import Moments

PARAMETER = "giai-doan"


def headline_phase(programme: Programme, phases: list[Phase], moments: Moments) -> Phase | None:
    """Return the phase that a page puts first: the programme's own choice once it has opened, else the current one."""
    chosen = next((phase for phase in phases if phase.pk == programme.headline_phase_id), None)
    if chosen is not None and chosen.opens_at < moments.as_of:
        return chosen
    return phase_before(phases, moments.as_of)


def asked_phase(query: QueryDict, programme: Programme, phases: list[Phase], moments: Moments) -> Phase | None:
    """Return the phase that ``?giai-doan=`` asks for by its number, else the headline phase. Raises NotFound."""
    typed = query.get(PARAMETER, "").strip()
    if not typed:
        return headline_phase(programme, phases, moments)
    phase = next((phase for phase in phases if str(phase.number) == typed), None)
    if phase is None:
        raise NotFound(code="unknown_phase", field=PARAMETER)
    return phase


def empty_page(request: HttpRequest) -> HttpResponse:
    """Return the page of a portal without a programme."""
    return render(request, "public/empty.html")
