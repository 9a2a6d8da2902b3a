"""Units that people did not find: what waits for an officer, and how it is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed
from sangkien.people.models import Person
from sangkien.units.actions import MAX_NAME, MAX_NOTE, AlreadySettled, refuse_request, settle_request
from sangkien.units.models import UnitRequest
from sangkien.units.queries import MAX_WAITING, waiting_requests
from sangkien.units.rules import settles_over
from sangkien.web.initiatives.requests import SeeOther, signed_in
from sangkien.web.member.fields import LineField, TextField
from sangkien.web.profile.choosing import Choice, PlacedUnit, placed, read_choice, sent_choice
from sangkien.web.profile.forms import TEXT_MESSAGES, RefusableForm


class AnswerForm(RefusableForm):
    """How one request is answered: the code of a unit, or the name of a new one, and a sentence to the person."""

    unit = forms.CharField(
        label=gettext_lazy("A unit that is listed"),
        required=False,
        max_length=MAX_NAME,
        error_messages=TEXT_MESSAGES,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off", "data-unit-combobox": True}),
    )
    new_name = LineField(
        label=gettext_lazy("Name of the new unit"),
        help_text=gettext_lazy("Put it right if need be: it is shown on boards and certificates"),
        required=False,
        max_length=MAX_NAME,
        error_messages=TEXT_MESSAGES,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
    )
    answer = TextField(
        label=gettext_lazy("What the person is told"),
        required=False,
        max_length=MAX_NOTE,
        error_messages=TEXT_MESSAGES,
        widget=forms.Textarea({"class": "form-control", "rows": 2}),
    )

    def __init__(self, number: int, name: str = "", data: Any = None) -> None:
        super().__init__(data, auto_id=f"id_{number}_%s", initial={"new_name": name})


@login_required
@never_cache
@require_safe
def unit_requests(request: HttpRequest) -> HttpResponse:
    """What waits for this officer, the oldest first. Raises NotAllowed for whoever settles nothing anywhere."""
    return _page(request, signed_in(request))


@login_required
@require_POST
def settle(request: HttpRequest, number: int) -> HttpResponse:
    """Give somebody their unit: one that is listed (``action`` "existing") or a new one ("new")."""
    person = signed_in(request)
    is_new = request.POST.get("action") == "new"
    choice = read_choice("" if is_new else sent_choice(request, "unit"))

    def act(answers: dict[str, str]) -> str:
        if choice.offered:
            raise InvalidInput(_("Choose one of these."), field="unit")
        if choice.typed and choice.unit is None:
            raise InvalidInput(_("No unit is known by this name. Try one word of it."), field="unit")
        new_name = answers["new_name"] if is_new else ""
        if is_new and not new_name:
            raise InvalidInput(_("Write the whole name of the unit."), field="new_name")
        done = settle_request(
            actor=person, request_id=number, unit=choice.unit, new_name=new_name, answer=answers["answer"]
        )
        assert done.unit is not None
        return _("%(person)s now belongs to %(unit)s (%(code)s).") % {
            "person": done.person.full_name, "unit": done.unit.name, "code": done.unit.code
        }  # fmt: skip

    return _answered(request, person, number, act, choice)


@login_required
@require_POST
def refuse(request: HttpRequest, number: int) -> HttpResponse:
    """Refuse a request, in writing."""
    person = signed_in(request)

    def act(answers: dict[str, str]) -> str:
        refuse_request(actor=person, request_id=number, answer=answers["answer"])
        return _("Refused. The person is told why.")

    return _answered(request, person, number, act)


def _answered(
    request: HttpRequest,
    person: Person,
    number: int,
    act: Callable[[dict[str, str]], str],
    choice: Choice | None = None,
) -> HttpResponse:
    """Do it and lead back to the list; with what is wrong beside its field, or what another officer did before."""
    form = AnswerForm(number, data=request.POST.dict())
    if form.is_valid():
        try:
            said = act(form.cleaned_data)
        except AlreadySettled as error:
            return _page(request, person, faster=error.request, status=409)
        except InvalidInput as error:
            form.refuse(error)
        else:
            messages.success(request, said)
            return SeeOther(reverse("unit-requests"))
    return _page(request, person, bound=(number, form), choice=choice, status=422)


def _page(
    request: HttpRequest,
    person: Person,
    *,
    bound: tuple[int, AnswerForm] | None = None,
    choice: Choice | None = None,
    faster: UnitRequest | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the list; ``bound`` is the form that something is wrong with."""
    at = clock.now()
    if not settles_over(person, at):
        raise NotAllowed
    waiting = waiting_requests(person, at)
    places = {one.unit.pk: one for one in placed([asked.above for asked in waiting])}
    rows = [_row(asked, places[asked.above_id], bound, choice) for asked in waiting]
    context = {"rows": rows, "faster": faster, "is_cut": len(rows) == MAX_WAITING}
    return render(request, "desk/unit_requests.html", context, status=status)


def _row(
    asked: UnitRequest, above: PlacedUnit, bound: tuple[int, AnswerForm] | None, choice: Choice | None
) -> dict[str, object]:
    """Return what the template draws one request from."""
    is_bound = bound is not None and bound[0] == asked.pk
    form = bound[1] if bound is not None and is_bound else AnswerForm(asked.pk, asked.name)
    if is_bound:  # each answer is sent by itself, the others stay as they were
        form.data = {"new_name": asked.name, **form.data}
    if is_bound and choice is not None and choice.unit is not None:
        form.fields["unit"].widget.attrs["data-unit-name"] = choice.name
    return {"asked": asked, "above": above, "form": form, "choice": choice if is_bound else None, "is_bound": is_bound}
