"""Appeals and second looks that wait for an officer, and deciding them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from sangkien.audit.refusals import Aim
from sangkien.core import clock
from sangkien.core.codes import CodeError
from sangkien.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from sangkien.initiatives import actions, rules
from sangkien.initiatives.codes import number_of
from sangkien.initiatives.models import Appeal, Initiative, SecondLook
from sangkien.initiatives.queries import get_by_number
from sangkien.initiatives.reviews import (
    Place,
    Review,
    count_for,
    get_appeal,
    get_second_look,
    place_of,
    waiting_reviews,
)
from sangkien.people.models import Person
from sangkien.units.models import Role
from sangkien.web.desk.appeals.forms import AppealDecisionForm, SecondLookForm
from sangkien.web.desk.appeals.rows import decision_before, full_history, line_of
from sangkien.web.desk.refusing import record_attempt
from sangkien.web.desk.scope import chosen_unit
from sangkien.web.initiatives.authors import author_lines
from sangkien.web.initiatives.findings import findings_of
from sangkien.web.initiatives.pages import head_of
from sangkien.web.initiatives.requests import SeeOther, signed_in
from sangkien.web.initiatives.rights import rights_of

METHODS = ["GET", "HEAD", "POST"]
PER_PAGE = 20


@login_required
@never_cache
@require_safe
def second_looks(request: HttpRequest) -> HttpResponse:
    """The appeals and second looks that wait for this officer (``?don-vi=`` in one unit), those due first at the head.

    A page goes on behind the last one of the page before (``?sau=``), whatever was decided meanwhile. Raises NotAllowed
    for somebody who is nowhere a verifier, and NotFound for a unit in which they are not.
    """
    person = signed_in(request)
    now = clock.now()
    unit = chosen_unit(request, person, [Role.VERIFIER])
    within = unit if request.GET.get("don-vi") else None
    after = Place.read(request.GET.get("sau", ""))
    found = waiting_reviews(person, now, PER_PAGE + 1, unit=within, after=after)
    context = {
        "unit": within,
        "lines": [line_of(one, now) for one in found[:PER_PAGE]],
        "waiting": count_for(person, now, within),
        "is_later": after is not None,
        "next": place_of(found[PER_PAGE - 1]) if len(found) > PER_PAGE else None,
    }
    return render(request, "desk/appeals/list.html", context)


@login_required
@never_cache
@require_http_methods(METHODS)
def decide_appeal(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """One appeal with all that it is about: allow or dismiss it. 409 when it has ended meanwhile.

    Raises NotFound and NotAllowed: for who may not decide it, also once it has ended.
    """
    person = signed_in(request)
    made = get_appeal(appeal_id)
    if not rules.may_decide_appeal(person, made, clock.now()):
        aim = Aim("appeal", str(made.pk), made.unit_path, {"initiative": made.initiative_id})
        record_attempt(request, "decide_appeal", aim)
        raise NotAllowed
    is_sent = request.method == "POST"
    form = AppealDecisionForm(request.POST if is_sent else None, claimed=made.initiative.benefit_claimed)
    if is_sent and form.is_valid():
        try:
            actions.decide_appeal(
                actor=person,
                appeal_id=made.pk,
                allow=form.is_allowing,
                answer=form.cleaned_data["note"],
                benefit_verified=form.cleaned_data["benefit_verified"] if form.is_allowing else None,
            )
        except actions.DecidedMeanwhile:
            return _appeal_page(request, person, get_appeal(appeal_id), form, status=409)
        except Conflict as error:
            form.add_error(None, str(error))
        except InvalidInput as error:
            form.refuse(error)
        else:
            allowed = _("The appeal is allowed: it is valid from now on. The author is told your answer.")
            dismissed = _("The appeal is dismissed. The author is told your answer.")
            messages.success(request, allowed if form.is_allowing else dismissed)
            return SeeOther(reverse("second-looks"))
    return _appeal_page(request, person, made, form, status=422 if is_sent else 200)


@login_required
@never_cache
@require_http_methods(METHODS)
def decide_second_look(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One second look: confirm what event ``number`` found valid, or overturn it. 409 when it has ended meanwhile.

    Raises NotFound and NotAllowed.
    """
    person = signed_in(request)
    try:
        look = get_second_look(number_of(code), number)
    except CodeError:
        raise NotFound from None
    if not rules.may_second_look(person, look, clock.now()):
        initiative = look.initiative
        record_attempt(request, "decide_second_look", Aim("initiative", str(initiative.pk), initiative.unit_path))
        raise NotAllowed
    is_sent = request.method == "POST"
    form = SecondLookForm(request.POST if is_sent else None)
    if is_sent and form.is_valid():
        try:
            actions.decide_second_look(
                actor=person,
                initiative_id=look.initiative_id,
                number=number,
                confirm=form.is_confirming,
                reason=form.reason_given,
                note=form.cleaned_data["note"],
            )
        except actions.DecidedMeanwhile:
            return _look_page(request, person, get_second_look(look.initiative_id, number), form, status=409)
        except InvalidInput as error:
            form.refuse(error)
        else:
            stays = _("Confirmed: it stays valid.")
            messages.success(request, stays if form.is_confirming else _("Overturned: it is invalid from now on."))
            return SeeOther(reverse("second-looks"))
    return _look_page(request, person, look, form, status=422 if is_sent else 200)


def _appeal_page(
    request: HttpRequest, person: Person, made: Appeal, form: AppealDecisionForm, status: int
) -> HttpResponse:
    """Return the page of an appeal; once it has ended without a form, and with what was written."""
    is_waiting = made.state == Appeal.State.WAITING
    context = _context(person, made, is_waiting) | {"appeal": made, "form": form, "is_stale": status == 409}
    return render(request, "desk/appeals/appeal.html", context, status=status)


def _look_page(
    request: HttpRequest, person: Person, look: SecondLook, form: SecondLookForm, status: int
) -> HttpResponse:
    """Return the page of a second look; once it has ended without a form, and with what was written."""
    is_waiting = look.state == SecondLook.State.WAITING
    context = _context(person, look, is_waiting) | {"second_look": look, "form": form, "is_stale": status == 409}
    return render(request, "desk/appeals/second_look.html", context, status=status)


def _context(person: Person, review: Review, is_waiting: bool) -> dict[str, Any]:
    """Return what both pages show: the initiative with everything that it says, and the decision made before."""
    initiative: Initiative = get_by_number(review.initiative_id, person)
    history = full_history(initiative)
    rights = rights_of(person, initiative)
    return {
        **head_of(initiative),
        "rights": rights,
        "is_readable": True,
        "is_waiting": is_waiting,
        "is_overdue": is_waiting and review.due_at <= clock.now(),
        "due": review.due_at,
        "unit": review.unit,
        "before": decision_before(initiative, review, history),
        "history": history,
        "authors": author_lines(initiative, is_insider=True),
        "findings": findings_of(initiative),
        "files": list(initiative.attachments.all()) if rights.may_see_files else [],
    }
