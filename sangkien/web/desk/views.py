"""An officer's decision about one initiative, and taking it back: as pages, or as JSON for the desk's script."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sangkien.audit.refusals import Aim
from sangkien.core import clock
from sangkien.core.codes import CodeError
from sangkien.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from sangkien.initiatives import actions, rules
from sangkien.initiatives.actions.writing import aim
from sangkien.initiatives.codes import code_of, number_of
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.queries import get_by_code, get_by_number
from sangkien.initiatives.states import EventKind, ReasonCode, State
from sangkien.people.models import Person
from sangkien.web.desk.forms import DecisionForm
from sangkien.web.desk.queue.following import next_address, undone_address
from sangkien.web.desk.queue.pages import item_page
from sangkien.web.desk.refusing import record_attempt
from sangkien.web.initiatives.pages import changed_page, initiative_page, is_as_seen, last_event_number
from sangkien.web.initiatives.requests import SeeOther, signed_in

QUEUE = "hang-doi"
"""What a form of the desk sends along: the filter of the queue that it stands in."""
DONE: dict[EventKind, str | Promise] = {
    EventKind.VALIDATED: _("Found valid. The count follows within a second or two."),
    EventKind.RETURNED: _("Returned to the author for completion."),
    EventKind.INVALIDATED: _("Found invalid. The count follows within a second or two."),
    EventKind.REINSTATED: _("Reinstated: it waits for a decision again."),
}
METHODS = ["GET", "HEAD", "POST"]
NOT_DECIDED = _("You had been signed out: the decision was not made, and nothing was written. Please decide again.")
NOT_UNDONE = _("You had been signed out: nothing was undone. Please try again.")
UNDONE = _("Undone: it waits for a decision again.")


@login_required
@never_cache
@require_http_methods(METHODS)
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """Decide about an initiative, if it still stands as the officer saw it: 409 and nothing done otherwise.

    From the desk (``hang-doi``) it leads to the next one of the queue, from the initiative's page back to it. A script
    is answered ``{done, message, next, event, undo}``, or what is wrong: ``{done, message, errors}``. By GET, by which
    somebody comes from signing in again, nothing is decided and they are told so. Raises NotFound and NotAllowed.
    """
    person, now = signed_in(request), clock.now()
    try:
        initiative = get_by_code(code, person)
        is_stale = request.method == "POST" and not is_as_seen(request.POST, initiative)
        if is_stale and rules.may_verify(person, initiative, now):
            return _changed(request, initiative, person)
        if not rules.may_decide(person, initiative, now):
            raise NotAllowed
    except (NotAllowed, NotFound):
        record_attempt(request, "decide", _aim(code))
        raise
    if request.method != "POST":
        return _not_done(request, initiative, NOT_DECIDED)
    form = DecisionForm(request.POST, initiative=initiative)
    if form.is_valid():
        try:
            _act(form, person, initiative)
        except actions.DecidedMeanwhile:
            return _changed(request, get_by_number(initiative.pk, person), person)
        except Conflict as error:  # it stands as it was seen, and yet this cannot be done
            form.add_error(None, str(error))
        except InvalidInput as error:
            form.refuse(error)
        else:
            return _done(request, person, initiative, form.kind())
    if _wants_json(request):
        return JsonResponse({"done": False, "errors": form.errors}, status=422)
    page = item_page if QUEUE in request.POST else initiative_page
    return page(request, initiative, person, decision=form, status=422)


@login_required
@never_cache
@require_http_methods(METHODS)
def undo(request: HttpRequest, code: str) -> HttpResponse:
    """Take back one's own decision (``event``) within 10 minutes, unless something has happened since: 409 then.

    Answers as ``decide`` does. Raises NotFound and NotAllowed.
    """
    person = signed_in(request)
    initiative = get_by_code(code, person)
    if request.method != "POST":
        if not rules.may_decide(person, initiative, clock.now()):
            raise NotAllowed
        return _not_done(request, initiative, NOT_UNDONE)
    sent = request.POST.get("event", "")
    event = int(sent) if sent.isdecimal() and len(sent) < 6 else 0
    try:
        actions.undo_decision(actor=person, initiative_id=initiative.pk, expected_event=event)
    except actions.DecidedMeanwhile:
        return _changed(request, get_by_number(initiative.pk, person), person)
    except Conflict as error:
        if _wants_json(request):
            return JsonResponse({"done": False, "message": str(error)}, status=409)
        raise
    own = reverse("initiative", args=[code_of(initiative.pk)])
    address = undone_address(person, request.POST, initiative.pk) if QUEUE in request.POST else own
    if _wants_json(request):
        return JsonResponse({"done": True, "message": str(UNDONE), "next": address, "event": event + 1, "undo": ""})
    messages.success(request, str(UNDONE))
    return SeeOther(address)


def _done(request: HttpRequest, person: Person, initiative: Initiative, kind: EventKind) -> HttpResponse:
    """Answer a decision that was made: lead on, with the way to undo it while that is possible."""
    decided = get_by_number(initiative.pk, person)
    event = last_event_number(decided)
    own = reverse("initiative", args=[code_of(initiative.pk)])
    address = next_address(person, request.POST, initiative.pk, event) if QUEUE in request.POST else own
    if not _wants_json(request):
        messages.success(request, str(DONE[kind]))
        return SeeOther(address)
    is_undoable = rules.may_undo(person, decided, clock.now())
    undo_address = reverse("undo", args=[code_of(initiative.pk)]) if is_undoable else ""
    return JsonResponse(
        {"done": True, "message": str(DONE[kind]), "next": address, "event": event, "undo": undo_address}
    )


def _not_done(request: HttpRequest, initiative: Initiative, said: str | Promise) -> HttpResponse:
    """Lead somebody whose session had ended when they pressed a button back to the initiative on their desk."""
    messages.warning(request, str(said))
    return SeeOther(reverse("desk-item", args=[code_of(initiative.pk)]))


def _changed(request: HttpRequest, initiative: Initiative, person: Person) -> HttpResponse:
    """Answer (409) that somebody else was faster, and how it stands now."""
    if not _wants_json(request):
        return changed_page(request, initiative, person)
    message = actions.DecidedMeanwhile(initiative).message
    return JsonResponse({"done": False, "message": str(message)}, status=409)


def _aim(code: str) -> Aim | None:
    """Return the initiative with this code as what somebody aimed at, None if there is none."""
    try:
        return aim({"initiative_id": number_of(code)})
    except CodeError:
        return None


def _wants_json(request: HttpRequest) -> bool:
    """Say whether a script asks."""
    return request.headers.get("Accept", "").startswith("application/json")


def _act(form: DecisionForm, actor: Person, initiative: Initiative) -> None:
    """Do what the officer decided. Raises NotAllowed, InvalidInput and Conflict."""
    kind = form.kind()
    seen: dict[str, Any] = {
        "actor": actor,
        "initiative_id": initiative.pk,
        "note": form.cleaned_data["note"],
        "expected_state": State(initiative.state),
        "expected_event": last_event_number(initiative),
    }
    if kind == EventKind.VALIDATED:
        actions.mark_valid(benefit_verified=form.cleaned_data["benefit_verified"], **seen)
    elif kind == EventKind.REINSTATED:
        actions.reinstate(**seen)
    elif kind == EventKind.RETURNED:
        actions.return_initiative(reason=_reason(form), asked=form.asked(), **seen)
    else:
        actions.mark_invalid(reason=_reason(form), **seen)


def _reason(form: DecisionForm) -> ReasonCode:
    """Return the reason that the officer chose."""
    return ReasonCode(form.cleaned_data["reason"])
