"""An officer's decision about one initiative."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from sangkien.core import clock
from sangkien.core.errors import Conflict, InvalidInput, NotAllowed
from sangkien.initiatives import actions, rules
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.queries import get_by_code, get_by_number
from sangkien.initiatives.states import EventKind, ReasonCode, State
from sangkien.people.models import Person
from sangkien.web.desk.forms import DecisionForm
from sangkien.web.initiatives.pages import changed_page, initiative_page, is_as_seen
from sangkien.web.initiatives.requests import SeeOther, signed_in

DONE: dict[EventKind, str | Promise] = {
    EventKind.VALIDATED: _("Found valid. The count follows within a second or two."),
    EventKind.RETURNED: _("Returned to the author for completion."),
    EventKind.INVALIDATED: _("Found invalid. The count follows within a second or two."),
    EventKind.REINSTATED: _("Reinstated: it waits for a decision again."),
}


@login_required
@require_POST
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """Decide about an initiative, if it still stands as the officer saw it: 409 and nothing done otherwise.

    Raises NotFound and NotAllowed.
    """
    person = signed_in(request)
    initiative = get_by_code(code, person)
    if not rules.may_decide(person, initiative, clock.now()):
        raise NotAllowed
    if not is_as_seen(request.POST, initiative):
        return changed_page(request, initiative, person)
    form = DecisionForm(request.POST, initiative=initiative)
    if form.is_valid():
        try:
            _act(form, person, initiative)
        except Conflict:
            return changed_page(request, get_by_number(initiative.pk, person), person)
        except InvalidInput as error:
            form.refuse(error)
        else:
            messages.success(request, str(DONE[form.kind()]))
            return SeeOther(reverse("initiative", args=[code_of(initiative.pk)]))
    return initiative_page(request, initiative, person, decision=form, status=422)


def _act(form: DecisionForm, actor: Person, initiative: Initiative) -> None:
    """Do what the officer decided. Raises NotAllowed, InvalidInput and Conflict."""
    kind, note, seen = form.kind(), form.cleaned_data["note"], State(initiative.state)
    if kind == EventKind.VALIDATED:
        benefit: int | None = form.cleaned_data["benefit_verified"]
        actions.mark_valid(
            actor=actor, initiative_id=initiative.pk, benefit_verified=benefit, note=note, expected_state=seen
        )
    elif kind == EventKind.REINSTATED:
        actions.reinstate(actor=actor, initiative_id=initiative.pk, note=note, expected_state=seen)
    elif kind == EventKind.RETURNED:
        actions.return_initiative(
            actor=actor,
            initiative_id=initiative.pk,
            reason=_reason(form),
            note=note,
            asked=form.asked(),
            expected_state=seen,
        )
    else:
        actions.mark_invalid(
            actor=actor, initiative_id=initiative.pk, reason=_reason(form), note=note, expected_state=seen
        )


def _reason(form: DecisionForm) -> ReasonCode:
    """Return the reason that the officer chose."""
    return ReasonCode(form.cleaned_data["reason"])
