"""Submitting an initiative, withdrawing it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sangkien.core import clock
from sangkien.core.errors import Conflict, InvalidInput, NotAllowed
from sangkien.initiatives import rules
from sangkien.initiatives.actions import submit_new, withdraw
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.queries import get_by_code, get_by_number
from sangkien.people.models import Person
from sangkien.programmes.models import Phase, Programme
from sangkien.programmes.queries import open_phase, phases_of, the_programme
from sangkien.units.models import Unit
from sangkien.units.queries import children_ever, root
from sangkien.web.initiatives.pages import changed_page, is_as_seen
from sangkien.web.initiatives.requests import SeeOther, signed_in
from sangkien.web.member.forms import SubmissionForm
from sangkien.web.member.once import new_token, once


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest) -> HttpResponse:
    """The form for an initiative, and its submission. What was typed stays on the page whatever is wrong with it."""
    person = signed_in(request)
    programme = the_programme()
    is_sent = request.method == "POST"
    phase = open_phase(programme, clock.now()) if programme else None
    if programme is None or (phase is None and not is_sent):
        return render(request, "member/closed.html", {"programme": programme, "phases": _phases(programme)})
    own_unit = unit_of(person)
    form = SubmissionForm(
        request.POST if is_sent else None,
        person=person,
        own_unit=own_unit,
        phase=phase,
        initial={"token": new_token()},
    )
    if is_sent and form.is_valid():
        try:
            return _submitted(request, form, programme, person)
        except InvalidInput as error:
            form.refuse(error)
    context = {
        "programme": programme,
        "phase": phase,
        "form": form,
        "own_unit": own_unit,
        "units": form.unit_matches or _suggested(own_unit),
    }
    return render(request, "member/submit.html", context, status=422 if is_sent else 200)


@login_required
@require_POST
def withdraw_initiative(request: HttpRequest, code: str) -> HttpResponse:
    """Withdraw an initiative that has not been decided, if it still stands as the person saw it."""
    person = signed_in(request)
    initiative = get_by_code(code, person)
    if not rules.may_withdraw(person, initiative):
        raise NotAllowed
    if not is_as_seen(request.POST, initiative):
        return changed_page(request, initiative, person)
    try:
        withdraw(actor=person, initiative_id=initiative.pk)
    except Conflict:
        return changed_page(request, get_by_number(initiative.pk, person), person)
    messages.success(request, _("It has been withdrawn and is no longer shown to others."))
    return SeeOther(reverse("initiative", args=[code_of(initiative.pk)]))


def unit_of(person: Person) -> Unit | None:
    """Return the unit that the person is a member of at present, if any."""
    membership = person.memberships.filter(until__isnull=True).select_related("unit").first()
    return membership.unit if membership else None


def _submitted(request: HttpRequest, form: SubmissionForm, programme: Programme, person: Person) -> HttpResponse:
    """Submit what the form holds, once whatever is sent twice, and lead to it. Raises InvalidInput."""

    def make() -> int:
        return submit_new(
            actor=person, programme=programme, content=form.content(), authors=form.authors(), unit=form.chosen_unit()
        ).pk

    number, is_new = once(request, form.cleaned_data["token"], make)
    code = code_of(number)
    if is_new:
        messages.success(request, _said(code, get_by_number(number, person)))
    else:
        messages.info(request, _("You have sent this form before. This is what it made: %(code)s.") % {"code": code})
    return SeeOther(reverse("initiative", args=[code]))


def _said(code: str, initiative: Initiative) -> str:
    """Return what somebody is told who has just submitted."""
    assert initiative.submitted_at is not None
    moment = clock.format_cutoff_long(initiative.submitted_at, get_language() or "vi")
    return _(
        "Submitted. The code is %(code)s, the moment %(moment)s. The count rises and the initiative gets its number "
        "within a second or two."
    ) % {"code": code, "moment": moment}


def _suggested(own_unit: Unit | None) -> list[Unit]:
    """Return the units to offer to somebody who belongs to none: those directly under the confederation."""
    top = root() if own_unit is None else None
    return list(children_ever(top)) if top else []


def _phases(programme: Programme | None) -> list[Phase]:
    """Return the phases of the programme, if there is one."""
    return phases_of(programme) if programme else []
