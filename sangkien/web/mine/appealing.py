"""An author's appeal against a finding of invalid: making it, seeing how it stands, taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sangkien.core import clock
from sangkien.core.errors import Conflict, InvalidInput, NotAllowed
from sangkien.initiatives import actions, rules
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Appeal, Event, Initiative
from sangkien.initiatives.queries import get_by_code, get_by_number
from sangkien.initiatives.reviews import appeals_of
from sangkien.people.models import Person
from sangkien.web.initiatives.history import Step, history_of
from sangkien.web.initiatives.pages import changed_page, head_of, is_as_seen
from sangkien.web.initiatives.requests import SeeOther, signed_in
from sangkien.web.mine.forms import NoteForm


class AppealForm(NoteForm):
    """Why somebody appeals: what the level above reads."""

    label = gettext_lazy("Why should it be looked at again?")
    help_text = gettext_lazy("Answer the officer's reason: what was overlooked, which document shows it.")
    missing = gettext_lazy("Say why it should be looked at again.")
    rows = 6


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, code: str) -> HttpResponse:
    """Appeal to the level above, or take the appeal back (``action`` "withdraw"): for its people.

    A GET says how it stands. What has changed meanwhile is 409. Raises NotFound and NotAllowed.
    """
    person = signed_in(request)
    initiative = get_by_code(code, person)
    if not rules.may_withdraw(person, initiative):
        raise NotAllowed
    if request.method != "POST":
        return _page(request, person, initiative, AppealForm())
    try:
        if request.POST.get("action") == "withdraw":
            return _take_back(request, person, initiative)
        return _make(request, person, initiative)
    except Conflict:
        return changed_page(request, get_by_number(initiative.pk, person), person)


def _make(request: HttpRequest, person: Person, initiative: Initiative) -> HttpResponse:
    """Make the appeal, if the initiative still stands as the person saw it. Raises NotAllowed and Conflict."""
    if not is_as_seen(request.POST, initiative):
        return changed_page(request, initiative, person)
    form = AppealForm(request.POST)
    if form.is_valid():
        try:
            made = actions.appeal(actor=person, initiative_id=initiative.pk, note=form.cleaned_data["note"])
        except InvalidInput as error:
            form.refuse(error)
        else:
            told = _("Your appeal is with %(unit)s. You will be told of the answer.")
            messages.success(request, told % {"unit": made.unit.short_name})
            return SeeOther(reverse("initiative", args=[code_of(initiative.pk)]))
    return _page(request, person, initiative, form, status=422)


def _take_back(request: HttpRequest, person: Person, initiative: Initiative) -> HttpResponse:
    """Take back the appeal that waits. Raises NotAllowed and Conflict."""
    waiting = next((one for one in reversed(appeals_of(initiative)) if one.person_id == person.pk), None)
    if waiting is None:
        raise NotAllowed
    actions.withdraw_appeal(actor=person, appeal_id=waiting.pk)
    messages.success(request, _("Your appeal has been taken back."))
    return SeeOther(reverse("initiative", args=[code_of(initiative.pk)]))


def _page(
    request: HttpRequest, person: Person, initiative: Initiative, form: AppealForm, status: int = 200
) -> HttpResponse:
    """Return the page: the finding, what there has been against it, and the form while it can be appealed."""
    finding = rules.finding_of(initiative)
    made = [one for one in appeals_of(initiative) if finding is not None and one.number == finding.number]
    context = {
        **head_of(initiative),
        "form": form if rules.may_appeal(person, initiative, clock.now()) else None,
        "finding": _step_of(initiative, finding),
        "until": rules.appealable_until(initiative, finding) if finding is not None else None,
        "made": made[-1] if made else None,
        "may_take_back": bool(made) and rules.may_withdraw_appeal(person, made[-1]),
        "is_answered": bool(made) and made[-1].state in (Appeal.State.ALLOWED, Appeal.State.DISMISSED),
    }
    return render(request, "mine/appeal.html", context, status=status)


def _step_of(initiative: Initiative, finding: Event | None) -> Step | None:
    """Return the finding as the history says it, without the name of who decided."""
    history = history_of(initiative, names=False, notes=True) if finding is not None else []
    return next((step for step in history if finding is not None and step.at == finding.at), None)
