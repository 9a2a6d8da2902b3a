"""Who can do what in my unit, and why; giving a role and taking it away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from sangkien.audit.refusals import Aim
from sangkien.core import clock
from sangkien.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from sangkien.people.models import Person
from sangkien.units.actions import end_grant, grant_role, look_up_person
from sangkien.units.holders import get_grant, grants_below, grants_over, own_end, reach_of, secured
from sangkien.units.models import Role, RoleGrant, Unit
from sangkien.units.queries import ancestors, get_unit, heads_of, unit_of
from sangkien.units.rules import giving_role, grants_held_over, may_end, may_grant
from sangkien.web.desk.asking import asked_unit
from sangkien.web.desk.refusing import aim_at_code, record_attempt
from sangkien.web.desk.roles.forms import EndForm, GrantForm
from sangkien.web.desk.roles.words import ROLE_SAYS
from sangkien.web.desk.scope import READERS
from sangkien.web.initiatives.requests import SeeOther, signed_in
from sangkien.web.profile.choosing import Choice, read_choice, sent_choice

PER_PAGE = 50
LARGEST_ID = 2**63 - 1


@login_required
@never_cache
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """Everybody who holds a role over a unit: of its own, from above, and over what is below it."""
    person = signed_in(request)
    asked = asked_unit(request, person, READERS)
    now, unit = clock.now(), asked.unit
    held = grants_over(unit, now)
    after = _number(request.GET.get("sau", ""))
    below = grants_below(unit, now, after, PER_PAGE + 1)
    is_safe = secured(grant.person_id for grant in [*(one.grant for one in held), *below])
    reach = reach_of(person, now)

    def row(grant: RoleGrant, source: Unit | None = None) -> dict[str, object]:
        return {
            "grant": grant,
            "source": source,
            "says": ROLE_SAYS[Role(grant.role)],
            "is_safe": grant.person_id in is_safe,
            "is_own": grant.person_id == person.pk,
            "may_end": reach.may_end(grant),
        }

    context = {
        "asked": asked,
        "unit": unit,
        "path": _path(person, unit),
        "own": [row(one.grant) for one in held if one.inherited_from is None],
        "inherited": [row(one.grant, one.inherited_from) for one in held if one.inherited_from is not None],
        "below": [row(grant) for grant in below[:PER_PAGE]],
        "next": below[PER_PAGE - 1].pk if len(below) > PER_PAGE else None,
        "is_later": after is not None,
        "may_give": any(reach.may_give(role, unit) for role in Role),
    }
    return render(request, "desk/roles/roles.html", context, status=asked.status)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def grant(request: HttpRequest) -> HttpResponse:
    """Give a role: the form, then who is meant, to be confirmed (``action`` "grant")."""
    person = signed_in(request)
    reach = reach_of(person, clock.now())
    allowed = [role for role in Role if reach.units[giving_role(role)]]
    if not allowed:
        record_attempt(request, "grant_role", aim_at_code(sent_choice(request, "unit")))
        raise NotAllowed
    if request.method != "POST":
        unit = _unit_to_begin_with(request, person)
        return _form_page(request, GrantForm(allowed, initial={"unit": unit.code}), unit=unit)
    choice = read_choice(sent_choice(request, "unit"))
    form = GrantForm(allowed, data=request.POST.dict() | {"unit": choice.typed})
    if form.is_valid():
        try:
            return _carried_on(request, person, form, choice)
        except NotAllowed as error:
            form.refuse(InvalidInput(error.message, field="unit"))
        except InvalidInput as error:
            form.refuse(error)
    return _form_page(request, form, choice, choice.unit, status=422)


def _carried_on(request: HttpRequest, actor: Person, form: GrantForm, choice: Choice) -> HttpResponse:
    """Show who is meant, or give the role if that has been confirmed. Raises NotAllowed and InvalidInput."""
    given = form.cleaned_data
    if choice.unit is None:
        raise InvalidInput(
            _("Choose one of these.") if choice.offered else _("No unit is known by this name. Try one word of it."),
            field="unit",
        )
    unit, role = choice.unit, Role(given["role"])
    meant = look_up_person(actor=actor, known_as=given["person"], unit=unit, role=role)
    if request.POST.get("action") == "change":
        return _form_page(request, form, choice, unit)
    if meant.pk == actor.pk:  # as the action would refuse it, but before anybody is asked to confirm it
        raise InvalidInput(_("Nobody gives a role to themselves."), code="oneself", field="person")
    if request.POST.get("action") != "grant" or request.POST.get("seen") != str(meant.pk):
        now = clock.now()
        context = {
            "form": form,
            "meant": meant,
            "works_in": unit_of(meant),
            "is_safe": meant.pk in secured([meant.pk]),
            "unit": unit,
            "role": role,
            "says": ROLE_SAYS[role],
            "until": given["until"] or own_end(actor, role, unit, now),
        }
        return render(request, "desk/roles/confirm.html", context)
    grant_role(actor=actor, person=meant, unit=unit, role=role, until=given["until"], reason=given["reason"])
    said = _("%(person)s is now %(role)s over %(unit)s.")
    messages.success(request, said % {"person": meant.full_name, "role": role.label.lower(), "unit": unit.short_name})
    return SeeOther(f"{reverse('roles')}?{urlencode({'don-vi': unit.code})}")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, number: int) -> HttpResponse:
    """Take a role away, or lay down one's own. Raises NotFound for whoever has no say about it."""
    person = signed_in(request)
    held = get_grant(min(number, LARGEST_ID))
    now = clock.now()
    if not may_end(person, held, now):
        record_attempt(request, "end_grant", Aim("role_grant", str(held.pk), held.unit.path, {"role": held.role}))
        raise NotFound
    is_own = held.person_id == person.pk
    if held.until is not None and held.until <= now:
        return _end_page(request, held, EndForm(), is_own=is_own, status=409)
    form = EndForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _end_page(request, held, form, is_own=is_own, status=422 if form.is_bound else 200)
    try:
        end_grant(actor=person, grant_id=held.pk, reason=form.cleaned_data["reason"])
    except InvalidInput as error:
        form.refuse(error)
        return _end_page(request, held, form, is_own=is_own, status=422)
    except Conflict as error:
        form.add_error(None, str(error))
        return _end_page(request, get_grant(held.pk), form, is_own=is_own, status=409)
    messages.success(request, _("Taken away. It holds nowhere any more, from now on."))
    if not heads_of(person, READERS, clock.now()):
        return SeeOther(reverse("account"))  # nothing is left to do at the desk
    still = grants_held_over(person, READERS, held.unit.path, clock.now()).exists()
    return SeeOther(reverse("roles") + (f"?{urlencode({'don-vi': held.unit.code})}" if still else ""))


def _form_page(
    request: HttpRequest,
    form: GrantForm,
    choice: Choice | None = None,
    unit: Unit | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the form; ``unit`` is the one that its field names, if it names one."""
    if unit is not None:
        form.fields["unit"].widget.attrs["data-unit-name"] = unit.name
    context = {"form": form, "choice": choice, "unit": unit}
    return render(request, "desk/roles/grant.html", context, status=status)


def _end_page(request: HttpRequest, held: RoleGrant, form: EndForm, *, is_own: bool, status: int) -> HttpResponse:
    """Return the page on which a role is taken away, or that it has ended."""
    context: dict[str, Any] = {
        "form": form,
        "grant": held,
        "says": ROLE_SAYS[Role(held.role)],
        "is_own": is_own,
        "has_ended": held.until is not None and held.until <= clock.now(),
    }
    return render(request, "desk/roles/end.html", context, status=status)


def _unit_to_begin_with(request: HttpRequest, person: Person) -> Unit:
    """Return the unit that ``?don-vi=`` names if the person may give a role over it, or the highest of their own."""
    now = clock.now()
    giving = sorted({giving_role(role) for role in Role})
    try:
        unit = get_unit(request.GET.get("don-vi", ""))
    except NotFound:
        return heads_of(person, giving, now)[0]
    return unit if any(may_grant(person, role, unit, now) for role in Role) else heads_of(person, giving, now)[0]


def _path(person: Person, unit: Unit) -> list[Unit]:
    """Return the units above this one over which the person holds a role, the highest first."""
    heads = {head.pk for head in heads_of(person, READERS, clock.now())}
    return [one for one in ancestors(unit) if heads.intersection(one.path)]


def _number(text: str) -> int | None:
    """Return the id after which the list goes on; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
