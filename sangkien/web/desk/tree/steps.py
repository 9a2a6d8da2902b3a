"""What every change of the tree has in common: a form, then a preview, and only then it is done."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from sangkien.core.errors import InvalidInput
from sangkien.people.models import Person
from sangkien.units.models import Unit
from sangkien.web.desk.tree.units import above_of
from sangkien.web.initiatives.requests import SeeOther
from sangkien.web.profile.choosing import Choice, read_choice, sent_choice
from sangkien.web.profile.forms import RefusableForm

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Effect:
    """One line of a preview: what is touched, what will happen to it, and to which ones by name."""

    what: Words
    happens: Words
    names: Sequence[Words] = ()
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done: a heading, and what follows from it."""

    title: str
    effects: list[Effect]


@dataclass(slots=True)
class Step(ABC):
    """One way of changing the tree, for one request. ``unit`` is whose page it belongs to, if it is one unit's.

    ``choices`` are the units that were typed into fields of the form, by the names of the fields.
    """

    person: Person
    unit: Unit | None
    title: str = ""
    button: str = ""
    template: str = "desk/tree/form.html"
    choices: dict[str, Choice] = field(default_factory=dict)

    @abstractmethod
    def form(self, data: QueryDict | None) -> RefusableForm:
        """Return the form, as it was sent or as it begins."""

    @abstractmethod
    def plan(self, cleaned: dict[str, Any]) -> Plan:
        """Return what would happen. Raises InvalidInput for what would be refused."""

    @abstractmethod
    def act(self, cleaned: dict[str, Any]) -> tuple[str, str]:
        """Do it; return what to say and which page to look at. Raises InvalidInput and Conflict."""

    def touched(self, data: QueryDict | None) -> Sequence[Unit]:
        """Return the units that the officer decides about, whose state is compared with what they saw."""
        return [self.unit] if self.unit else []

    def chosen(self, request: HttpRequest, name: str) -> None:
        """Read the unit that was typed into a field."""
        self.choices[name] = read_choice(sent_choice(request, name))

    def unit_in(self, name: str) -> Unit:
        """Return the unit that was typed into a field. Raises InvalidInput."""
        choice = self.choices[name]
        if choice.unit is not None:
            return choice.unit
        said = _("Choose one of these.") if choice.offered else _("No unit is known by this name. Try one word of it.")
        raise InvalidInput(said, code="unknown_unit", field=name)


def stamp(units: Sequence[Unit]) -> str:
    """Return a short text that differs as soon as one of the units is no longer as it was seen."""
    fields = [(u.code, u.name_vi, u.name_en, u.short_vi, u.short_en, u.members, u.closed_on) for u in units]
    return hashlib.sha256(repr(fields).encode()).hexdigest()[:20]


def run(request: HttpRequest, step: Step) -> HttpResponse:
    """Answer a request for a change: the form, the preview (``action`` "preview"), or the thing done ("confirm")."""
    if request.method != "POST":
        return form_page(request, step, step.form(None))
    form = step.form(request.POST)
    seen, now = request.POST.get("seen", ""), stamp(step.touched(request.POST))
    if seen and seen != now:
        return form_page(request, step, form, is_stale=True, status=409)
    action = request.POST.get("action", "")
    if action == "edit":
        return form_page(request, step, form)
    if not form.is_valid():
        return form_page(request, step, form, status=422)
    try:
        if action != "confirm":
            return _preview(request, step, step.plan(form.cleaned_data), now)
        said, address = step.act(form.cleaned_data)
    except InvalidInput as error:
        for fault in error.errors:
            form.refuse(fault)
        return form_page(request, step, form, status=422)
    messages.success(request, said)
    return SeeOther(address)


def form_page(
    request: HttpRequest, step: Step, form: RefusableForm, *, is_stale: bool = False, status: int = 200
) -> HttpResponse:
    """Return the page with the form; ``is_stale``: what it is about has changed since it was shown."""
    for name, choice in step.choices.items():
        if choice.unit is not None and name in form.fields:
            form.fields[name].widget.attrs["data-unit-name"] = choice.name
    touched = step.touched(request.POST if request.method == "POST" else None)
    context = {
        "step": step,
        "form": form,
        "unit": step.unit,
        "above": above_of(step.person, step.unit) if step.unit else [],
        "seen": stamp(touched),
        "touched": touched if is_stale else [],
        "is_stale": is_stale,
        "choices": step.choices,
    }
    return render(request, step.template, context, status=status)


def _preview(request: HttpRequest, step: Step, plan: Plan, seen: str) -> HttpResponse:
    """Return the page that says what will happen, with everything that was typed kept."""
    names = [name for name in request.POST if name not in ("csrfmiddlewaretoken", "action", "seen")]
    sent = [(name, request.POST.get(name, "")) for name in names if not name.endswith(("_chosen", "_offered_for"))]
    chosen = {name: choice.unit.code for name, choice in step.choices.items() if choice.unit is not None}
    context = {
        "step": step,
        "plan": plan,
        "unit": step.unit,
        "above": above_of(step.person, step.unit) if step.unit else [],
        "sent": [(name, chosen.get(name, text)) for name, text in sent],
        "seen": seen,
    }
    return render(request, "desk/tree/preview.html", context)


class _Tried(Exception):
    """Takes back what was only tried."""


def tried(step: Step, cleaned: dict[str, Any]) -> None:
    """Do it and take it back at once, so that everything that would be refused is said now. Raises InvalidInput."""
    try:
        with transaction.atomic():
            step.act(cleaned)
            raise _Tried
    except _Tried:
        return
