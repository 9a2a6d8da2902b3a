"""One unit: where it stands, its targets and how they changed, its growth, its fields, the units below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sangkien.core import clock
from sangkien.core.numbers import progress_percent, share_percent
from sangkien.initiatives.queries import list_fields
from sangkien.programmes.models import Field
from sangkien.programmes.queries import phases_of, target_history, the_programme
from sangkien.tally import queries as tally
from sangkien.tally.figures import FieldCount, Tree
from sangkien.units.queries import ancestors, get_unit
from sangkien.units.today import followed_by, followers_of, follows, former_names
from sangkien.web import asof, charts
from sangkien.web.public import trees
from sangkien.web.public.boards import has_targets, shown_rows
from sangkien.web.public.codes import proper_address
from sangkien.web.public.front import category_slices, days_with_half, growth_of, progress_of, timeline_of
from sangkien.web.public.phases import asked_phase, empty_page
from sangkien.web.templatetags.sangkien import language

CHILDREN_SHOWN = 20


@dataclass(frozen=True, slots=True)
class FieldShare:
    """How many initiatives of the unit lie in one field, and their share in whole percent."""

    field: Field
    count: int
    share_percent: int


@require_safe
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """Show one unit with everything below it. Its code in small letters leads to its one address."""
    if proper := proper_address(request, code):
        return proper
    shown = get_unit(code)
    programme = the_programme()
    if programme is None:
        return empty_page(request)
    phases = phases_of(programme)
    campaigns = list(programme.campaigns.order_by("starts_at"))
    moment = trees.read(request, programme)
    if elsewhere := trees.page_today(request, shown, moment.tree):
        return elsewhere
    phase = asked_phase(request.GET, programme, phases, moment.moments)
    summary = tally.summary(programme, moment.moments, unit=shown, phase=phase, tree=moment.tree)
    days = timeline_of(programme, moment.moments, phases, phase, shown, moment.tree)
    children = tally.board(programme, moment.moments, parent=shown, phase=phase, tree=moment.tree)
    fields = tally.field_counts(programme, moment.moments, unit=shown, tree=moment.tree)
    first_rows = children.rows[:CHILDREN_SHOWN]
    context = {
        "programme": programme,
        "unit": shown,
        "ancestors": ancestors(shown),
        "is_closed": shown.closed_on is not None and shown.closed_on <= clock.day_of_cutoff(moment.moments.as_of),
        "last_open_day": shown.closed_on - timedelta(days=1) if shown.closed_on else None,
        "followed_by": followed_by(shown),
        "follows": follows(shown),
        "query_then": replace(moment, tree=Tree.THEN).query,  # under today's tree, they would only lead back here
        "former_names": [
            (one.name_en if language() == "en" else one.name_vi, one.until) for one in former_names(shown)
        ],
        "tree": trees.choice(shown, moment),
        "asof": moment,
        "presets": asof.presets(moment, phases, campaigns),
        "phase": phase,
        "summary": summary,
        "valid_percent": progress_percent(summary.counts.valid, summary.counts.submitted),
        "growth": growth_of(summary, days, phases, campaigns),
        "half_in": days_with_half(days),
        "slices": category_slices(summary),
        "targets": target_history(programme, [shown.pk], moment.moments.as_of),
        "fields": fields_by_count(fields, list_fields()),
        "children": shown_rows(first_rows, "rank", followers_of([row.unit for row in first_rows]), in_group=False),
        "has_targets": has_targets(children.rows),
        "children_total": len(children.rows),
        "own": children.own,
        "scale": charts.scale_for(progress_of(row) for row in first_rows),
    }
    return render(request, "public/unit.html", context, status=moment.status)


def fields_by_count(counts: Sequence[FieldCount], fields: Sequence[Field]) -> list[FieldShare]:
    """Return the fields with anything in them, the largest first."""
    by_id = {field.pk: field for field in fields}
    total = sum(count.submitted for count in counts)
    ordered = sorted((c for c in counts if c.submitted), key=lambda c: (-c.submitted, c.field_id))
    return [FieldShare(by_id[c.field_id], c.submitted, share_percent(c.submitted, total)) for c in ordered]
