"""Where somebody works: a unit of the tree, or a request for one that is not listed."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sangkien.core.errors import Conflict, InvalidInput
from sangkien.people.models import Person
from sangkien.units.actions import join_unit, request_unit, withdraw_request
from sangkien.units.models import UnitRequest
from sangkien.units.queries import last_request, unit_of
from sangkien.web.initiatives.requests import SeeOther, signed_in
from sangkien.web.profile.choosing import Choice, placed, read_choice, sent_choice
from sangkien.web.profile.forms import RequestForm


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def workplace(request: HttpRequest) -> HttpResponse:
    """Choose one's unit, ask for one that is not listed, or take such a request back, by ``action``."""
    person = signed_in(request)
    if request.method != "POST":
        return _page(request, person, RequestForm())
    action = request.POST.get("action", "join")
    if action == "withdraw":
        if withdraw_request(actor=person):
            messages.success(request, _("You have taken your request back."))
        return SeeOther(_way_on(request, reverse("workplace")))
    return _ask(request, person) if action == "request" else _choose(request, person)


def _choose(request: HttpRequest, person: Person) -> HttpResponse:
    """Make somebody a member of the unit with the code that was sent; offer those that a text may mean."""
    choice = read_choice(sent_choice(request, "unit"))
    error = ""
    if choice.unit is not None:
        try:
            join_unit(actor=person, unit=choice.unit)
        except InvalidInput as refusal:
            error = str(refusal)
        else:
            messages.success(request, _("You now belong to %(unit)s.") % {"unit": choice.unit.name})
            return SeeOther(_way_on(request, reverse("profile")))
    elif not choice.typed:
        error = _("Type the name or the code of your unit.")
    elif not choice.offered:
        error = _("No unit is known by this name. Try one word of it, or say below that it is not listed.")
    return _page(request, person, RequestForm(), choice=choice, error=error)


def _ask(request: HttpRequest, person: Person) -> HttpResponse:
    """Ask for a unit that is not listed; offer the units that the one above it may be."""
    typed = sent_choice(request, "above")
    sent = request.POST.copy()
    sent["above"] = typed
    form = RequestForm(sent)
    above = read_choice(typed)
    is_sound = form.is_valid()
    if above.unit is None and "above" in form.cleaned_data:
        says = _("Choose one of these.") if above.offered else _("No unit is known by this name. Try one word of it.")
        form.add_error("above", says)
    elif is_sound and above.unit is not None:
        try:
            name, note = form.cleaned_data["name"], form.cleaned_data["note"]
            request_unit(actor=person, above=above.unit, name=name, note=note)
        except InvalidInput as refusal:
            form.refuse(refusal)
        except Conflict as refusal:
            messages.warning(request, str(refusal))
            return SeeOther(_way_on(request, reverse("workplace")))
        else:
            messages.success(request, _("Your request has been sent to the officers above. You will be told."))
            return SeeOther(_way_on(request, reverse("workplace")))
    return _page(request, person, form, above=above)


def _page(
    request: HttpRequest,
    person: Person,
    form: RequestForm,
    *,
    choice: Choice | None = None,
    above: Choice | None = None,
    error: str = "",
) -> HttpResponse:
    """Return the page, with what was typed and what is wrong with it."""
    unit, asked = unit_of(person), last_request(person)
    states = UnitRequest.State
    if above is not None and above.unit is not None:
        form.fields["above"].widget.attrs["data-unit-name"] = above.name
    context = {
        "unit": placed([unit])[0] if unit else None,
        "waiting": asked if asked and asked.state == states.WAITING else None,
        "refused": asked if asked and asked.state == states.REFUSED else None,
        "choice": choice,
        "error": error,
        "form": form,
        "above": above,
        "next": _next(request),
    }
    return render(request, "profile/workplace.html", context, status=422 if error or form.errors else 200)


def _next(request: HttpRequest) -> str:
    """Return the address on this portal that somebody came from, or an empty text."""
    given = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(given, {request.get_host()}, require_https=request.is_secure())
    return given if is_ours else ""


def _way_on(request: HttpRequest, otherwise: str) -> str:
    """Return where to go after something was done."""
    return _next(request) or otherwise
