"""The cut-off report as a sheet of paper, as JSON and as text."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from sangkien.core import clock
from sangkien.core.vietnamese import slug
from sangkien.programmes.models import Phase, Programme
from sangkien.programmes.queries import get_phase, get_programme, phase_at, phases_of, the_programme
from sangkien.reports.cutoff import build
from sangkien.reports.data import to_json
from sangkien.reports.figures import CutoffReport
from sangkien.reports.texts import to_text
from sangkien.tally import queries as tally
from sangkien.web import asof

FORMAT = "dang"
CATEGORY_FILLS = ("f-blue", "f-mid", "f-soft", "f-stone")


@require_safe
def report_front(_request: HttpRequest) -> HttpResponse:
    """Lead to the report on the phase that the programme shows first: at its close, or now while it is open."""
    programme = the_programme()
    if programme is None:
        raise Http404
    phase = programme.headline_phase or phase_at(programme, clock.now())
    if phase is None:
        raise Http404
    return redirect(_address(programme, phase, _usual_moment(programme, phase)))


@require_safe
def report(request: HttpRequest, programme: str, phase: int) -> HttpResponse:
    """Show the report as of ``?den=`` (left out: the close of the phase, or now); ``?dang=json`` or ``txt``: as data.

    A moment that cannot be shown is answered by the page that says so.
    """
    found = get_programme(programme)
    about = get_phase(found, phase)
    shown = _shown(request, found, about)
    drawn = build(found, about, shown.moments)
    form = request.GET.get(FORMAT, "")
    if form in ("json", "txt") and not shown.error:
        return _download(drawn, form)
    moment = shown.moments.as_of if shown.is_chosen else None
    context = {
        "programme": found,
        "report": drawn,
        "asof": shown,
        "moments": shown.moments,
        "phases": [(other, _address(found, other, _usual_moment(found, other))) for other in phases_of(found)],
        "category_parts": _category_parts(drawn),
        "as_text": _address(found, about, moment, **{FORMAT: "txt"}),
        "as_json": _address(found, about, moment, **{FORMAT: "json"}),
    }
    return render(request, "reports/report.html", context, status=shown.status)


def _shown(request: HttpRequest, programme: Programme, phase: Phase) -> asof.AsOf:
    """Return the moment to show: what was asked for, else the usual one."""
    shown = asof.read(request.GET, programme)
    usual = None if shown.is_chosen or shown.error else _usual_moment(programme, phase)
    return asof.AsOf(tally.moments(programme, usual), asof.written(usual)) if usual else shown


def _usual_moment(programme: Programme, phase: Phase) -> datetime | None:
    """Return the close of the phase if figures are final up to it, else None: the newest moment."""
    return phase.closes_at if phase.closes_at <= tally.moments(programme).published else None


def _address(programme: Programme, phase: Phase, moment: datetime | None, **query: str) -> str:
    """Return the address of a report; ``moment`` None: the usual one."""
    asked = {asof.PARAMETER: asof.written(moment)} if moment else {}
    path = reverse("report", kwargs={"programme": programme.code, "phase": phase.number})
    return f"{path}?{urlencode(asked | query)}" if asked | query else path


def _download(drawn: CutoffReport, form: str) -> HttpResponse:
    moment = slug(clock.format_cutoff(drawn.as_of))
    name = f"bao-cao-{drawn.programme.code}-{drawn.phase_number}-{moment}.{form}"
    response: HttpResponse
    if form == "json":
        response = JsonResponse(to_json(drawn), json_dumps_params={"ensure_ascii": False, "indent": 2})
    else:
        language = "en" if get_language() == "en" else "vi"
        response = HttpResponse(to_text(drawn, language), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _category_parts(drawn: CutoffReport) -> list[dict[str, object]]:
    """Return where each category stands in the bar of the four: from where and how wide, in percent of the bar."""
    total = sum(line.count for line in drawn.categories) or 1
    parts: list[dict[str, object]] = []
    done = 0
    for number, line in enumerate(drawn.categories, start=1):
        parts.append(
            {
                "line": line,
                "fill": CATEGORY_FILLS[(number - 1) % len(CATEGORY_FILLS)],
                "swatch": f"b-{(number - 1) % len(CATEGORY_FILLS) + 1}",
                "start": _percent_of(done, total),
                "width": _percent_of(line.count, total),
            }
        )
        done += line.count
    return parts


def _percent_of(part: int, whole: int) -> str:
    """Write a length for SVG, exact to a thousandth of a percent."""
    return f"{Decimal(part * 100) / whole:.3f}%"
