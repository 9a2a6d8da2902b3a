"""The record: who did what, when, and from where, in a unit and everything below it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sangkien.audit.queries import Cursor, RecordPage
from sangkien.core import clock
from sangkien.core.errors import InvalidInput
from sangkien.people.models import Person
from sangkien.units.models import Unit
from sangkien.units.record import search_record
from sangkien.units.rules import RECORD_READERS, may_see_origins
from sangkien.web.desk.asking import asked_unit
from sangkien.web.desk.record.forms import SearchForm
from sangkien.web.desk.record.reading import read
from sangkien.web.initiatives.requests import signed_in

PER_PAGE = 50


@login_required
@never_cache
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """A page of the record, the newest first. Raises NotAllowed for whoever may read it nowhere."""
    person = signed_in(request)
    asked = asked_unit(request, person, RECORD_READERS)
    form = SearchForm(request.GET)
    found, status = RecordPage([], None), asked.status
    if form.is_valid():
        found = _found(request, person, asked.unit, form)
    else:
        status = 400
    context = {
        "asked": asked,
        "unit": asked.unit,
        "form": form,
        "lines": read(found.entries),
        "next": found.next,
        "is_later": bool(request.GET.get("sau")),
        "shows_origin": may_see_origins(person, asked.unit, clock.now()),
    }
    return render(request, "desk/record/record.html", context, status=status)


def _found(request: HttpRequest, person: Person, unit: Unit, form: SearchForm) -> RecordPage:
    """Return the page of entries that the form asks for; a place in the list that is none is its beginning."""
    asked = form.cleaned_data
    try:
        after = Cursor.read(request.GET.get("sau", ""))
    except InvalidInput:
        after = None
    return search_record(
        person,
        unit=unit,
        actor_name=asked["ai"],
        action=asked["viec"],
        subjects=asked["cho"],
        since=asked["tu"],
        until=asked["den"],
        after=after,
        limit=PER_PAGE,
    )
