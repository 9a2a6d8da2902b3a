"""How a unit is doing: the overview, what is unusual, and all of it as a spreadsheet."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sangkien.core import clock
from sangkien.core.codes import CodeError
from sangkien.core.errors import NotFound
from sangkien.initiatives.codes import code_of, number_of
from sangkien.people.models import Person
from sangkien.programmes.queries import the_programme
from sangkien.tally.actions import export_overview
from sangkien.tally.models import PatternKind
from sangkien.tally.patterns import get_pattern, initiatives_behind, list_patterns, pattern_counts, patterns_computed_at
from sangkien.units.models import Role, Unit
from sangkien.units.queries import ancestors, heads_of
from sangkien.units.rules import holds_role_over
from sangkien.web import asof, charts
from sangkien.web.desk.asking import asked_unit
from sangkien.web.desk.overview.children import FILTERS, SORTS, children_of, late_first, page_number, shown_children
from sangkien.web.desk.overview.gathering import gather
from sangkien.web.desk.overview.sheet import CONTENT_TYPE, file_name, spreadsheet
from sangkien.web.desk.scope import READERS, chosen_unit
from sangkien.web.initiatives.requests import signed_in
from sangkien.web.public.front import category_slices, growth_of
from sangkien.web.public.phases import empty_page

KIND, PATTERN, AFTER = "loai", "mau", "sau"


@login_required
@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show how a unit is doing, for the phase (``?giai-doan=``) and as of the moment (``?den=``) that are asked for."""
    person = signed_in(request)
    asked = asked_unit(request, person, READERS)
    unit = asked.unit
    programme = the_programme()
    if programme is None:
        return empty_page(request)
    found = gather(person, programme, unit, request.GET)
    children = children_of(found.board.rows, found.overdue)
    context = {
        "programme": programme,
        "unit": unit,
        "asked": asked,
        "above": readable_above(person, unit),
        "found": found,
        "asof": found.asof,
        "presets": asof.presets(found.asof, found.phases, found.campaigns),
        "summary": found.summary,
        "phase": found.phase,
        "phases": [one for one in found.phases if one.opens_at < found.moments.as_of],
        "growth": growth_of(found.summary, found.chart, found.phases, found.campaigns) if found.phases else None,
        "slices": category_slices(found.summary),
        "entered": list(zip(charts.slices([one.count for one in found.entered]), found.entered, strict=True)),
        "fields": found.fields,
        "late": late_first(children),
        "may_review": holds_role_over(person, Role.VERIFIER, unit.path, clock.now()),
        "children": shown_children(children, request.GET),
        "sorts": SORTS,
        "filters": FILTERS,
        "has_targets": any(child.progress is not None for child in children),
        "scale": charts.scale_for(child.progress for child in children),
        "target_scale": charts.scale_for(row.progress.progress_percent for row in found.against),
    }
    return render(request, "desk/overview/overview.html", context, status=max(asked.status, found.asof.status))


@login_required
@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Give the whole overview as a spreadsheet, and note in the record that it left."""
    person = signed_in(request)
    unit = chosen_unit(request, person)
    programme = the_programme()
    if programme is None:
        return empty_page(request)
    found = gather(person, programme, unit, request.GET)
    rows = children_of(found.board.rows, found.overdue)
    source = request.build_absolute_uri(request.get_full_path().replace("tai-ve/", "", 1))
    export_overview(actor=person, unit=unit, as_of=found.moments.as_of, rows=len(rows))
    file = spreadsheet(found, rows, source=source, person=person)
    return FileResponse(file, as_attachment=True, filename=file_name(found), content_type=CONTENT_TYPE)


@login_required
@never_cache
@require_safe
def unusual(request: HttpRequest) -> HttpResponse:
    """Show the unusual patterns of a unit (``?loai=`` a kind), or the initiatives behind one of them (``?mau=``)."""
    person = signed_in(request)
    unit = chosen_unit(request, person)
    programme = the_programme()
    if programme is None:
        return empty_page(request)
    counts = pattern_counts(programme, unit)
    asked = request.GET.get(KIND, "")
    first = next((kind for kind, n in counts.items() if n), PatternKind.BURST)
    shown = PatternKind(asked) if asked in PatternKind.values else first
    context = {
        "programme": programme,
        "unit": unit,
        "counts": counts.items(),
        "kind": shown,
        "computed_at": patterns_computed_at(),
    }
    if code := request.GET.get(PATTERN, ""):
        return _behind(request, person, unit, shown, code, context)
    context["patterns"] = list_patterns(
        person, programme, unit, shown, total=counts[shown], page=page_number(request.GET)
    )
    return render(request, "desk/overview/unusual.html", context)


def _behind(
    request: HttpRequest, person: Person, unit: Unit, kind: PatternKind, code: str, context: dict[str, object]
) -> HttpResponse:
    """Show the initiatives behind the pattern that is known by the code of one of them. Raises NotFound."""
    try:
        pattern = get_pattern(person, unit, kind, number_of(code))
        after = number_of(request.GET[AFTER]) if request.GET.get(AFTER) else 0
    except CodeError:
        raise NotFound from None
    if pattern is None:  # since it was listed, the patterns have been found anew
        return render(request, "desk/overview/unusual.html", context | {"is_gone": True}, status=404)
    shown, following = initiatives_behind(person, unit, pattern.pattern, after=after)
    context |= {
        "pattern": pattern,
        "pattern_code": code,
        "behind": [(code_of(one.pk), one) for one in shown],
        "next": code_of(following) if following else "",
    }
    return render(request, "desk/overview/behind.html", context)


def readable_above(person: Person, unit: Unit) -> list[Unit]:
    """Return those units above this one over which the person holds a role too, the highest first."""
    heads = {head.pk for head in heads_of(person, READERS, clock.now())}
    return [above for above in ancestors(unit) if not heads.isdisjoint(above.path)]
