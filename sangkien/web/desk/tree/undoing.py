"""Undoing a reorganisation as a whole."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sangkien.core import clock
from sangkien.core.errors import Conflict, NotFound
from sangkien.units.actions import undo_reorganisation
from sangkien.units.actions.undoing import heads_of
from sangkien.units.models import Reorganisation
from sangkien.units.rules import may_close
from sangkien.web.desk.refusing import aim_at, record_attempt
from sangkien.web.desk.tree.changing import page_of
from sangkien.web.initiatives.requests import SeeOther, signed_in


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reorganisation_undo(request: HttpRequest, number: int) -> HttpResponse:
    """Say what undoing would do, and do it. Raises NotFound, also for a reorganisation of others."""
    person = signed_in(request)
    made = Reorganisation.objects.select_related("made_by", "undone_by").filter(pk=number).first()
    if made is None:
        raise NotFound
    heads, now = heads_of(made), clock.now()
    units = [unit for head in heads for unit in (head.predecessor, head.successor)]
    if made.undone_at is None and not (units and all(may_close(person, unit, now) for unit in units)):
        record_attempt(request, "undo_reorganisation", aim_at(units[0]) if units else None)
        raise NotFound
    refusal, status = "", 200
    if made.undone_at is not None:
        if not made.made_by_id == person.pk and made.undone_by_id != person.pk:
            raise NotFound
        refusal, status = _("This reorganisation has been undone already."), 409
    elif request.method == "POST":
        try:
            undo_reorganisation(actor=person, reorganisation_id=made.pk)
        except Conflict as error:
            refusal, status = str(error), 409
        else:
            messages.success(request, _("It has been undone: the units are as they were before."))
            return SeeOther(page_of(heads[0].predecessor))
    successors = {head.successor.pk: head.successor for head in heads}
    context = {
        "made": made,
        "heads": heads,
        "successors": list(successors.values()),
        "below": made.successions.count() - len(heads),
        "opened": bool(made.done.get("opened")),
        "refusal": refusal,
    }
    return render(request, "desk/tree/undo.html", context, status=status)
