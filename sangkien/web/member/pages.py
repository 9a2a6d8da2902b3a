"""The page with the form: what it is about, and all that stands around the inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sangkien.core import clock
from sangkien.core.vietnamese import search_key
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.files import files_of_draft
from sangkien.initiatives.models import Draft, Initiative
from sangkien.initiatives.queries import asked_of, drafts_of, get_by_number
from sangkien.initiatives.states import EventKind
from sangkien.people.models import Person
from sangkien.programmes.models import Field, Programme
from sangkien.units.models import Unit
from sangkien.units.queries import unit_of
from sangkien.web.member.checks import Basis, Notes, basis_of, notes_on, warnings_on
from sangkien.web.member.forms import SubmissionForm
from sangkien.web.member.saving import time_of
from sangkien.web.member.tickets import is_shared_computer, ticket_for
from sangkien.web.member.typed import Typed, blank_for


@dataclass
class Sheet:
    """One initiative that a person is filling in. ``draft`` is None as long as nothing of it has been saved;
    ``field_of_work`` is the one that was chosen, if it has been read; a new one may be ``for_others``.
    """

    person: Person
    programme: Programme
    draft_id: UUID
    draft: Draft | None = None
    field_of_work: Field | None = None
    for_others: bool = False

    @cached_property
    def own_unit(self) -> Unit | None:
        """Where the person is a member."""
        return unit_of(self.person)

    @cached_property
    def corrects(self) -> Initiative | None:
        """The returned initiative that this one is to correct, if any."""
        number = self.draft.corrects if self.draft else None
        return get_by_number(number, self.person) if number else None

    @cached_property
    def basis(self) -> Basis:
        """What the initiative is held against."""
        return basis_of(self.programme, clock.now(), self.corrects.phase if self.corrects else None)

    @property
    def typed(self) -> Typed:
        """What the inputs hold when the page is opened."""
        return dict(self.draft.typed) if self.draft else blank_for(self.person, for_others=self.for_others)

    def form(self, typed: Mapping[str, str], *, checks: bool) -> SubmissionForm:
        """Return the form with these texts; ``checks``: to find what is wrong with them."""
        accounts = {search_key(self.person.full_name): self.person.pk}
        if self.corrects:
            # Whoever gave a contact may have mistyped it: an author is found by it again, not by the name.
            gave_contacts = self.corrects.submitter_id == self.person.pk
            known = {
                search_key(a.name): a.person_id
                for a in self.corrects.authors.all()
                if a.person_id and not (gave_contacts and a.contact and a.person_id != self.person.pk)
            }
            accounts = accounts | known
        return SubmissionForm(
            typed, own_unit=self.own_unit, accounts=accounts, field_of_work=self.field_of_work, checks=checks
        )

    def opened(self) -> tuple[SubmissionForm, Notes, dict[str, str]]:
        """Return the form as it is opened: with remarks on what has been filled in, without asking for the rest."""
        shown = self.form(self.typed, checks=False)
        if self.draft is None:
            return shown, {}, {}
        checked = self.form(self.typed, checks=True)
        filled = {name for name, value in self.typed.items() if value}
        notes = notes_on(checked, self.basis, filled)
        shown.unit_matches = checked.unit_matches
        shown.show_units(checked.unit_names)
        return shown, notes, checked.readings()


def opened_page(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """Return the page with what has been saved, or with a new form."""
    form, notes, readings = sheet.opened()
    others = [] if sheet.draft else drafts_of(sheet.person)
    return _page(request, sheet, form, notes=notes, readings=readings, drafts=others)


def refused_page(request: HttpRequest, sheet: Sheet, form: SubmissionForm, **more: Any) -> HttpResponse:
    """Return the page (422) with everything as it was typed, and all that is wrong with it."""
    notes = warnings_on(form, sheet.basis)
    form.show_units(form.unit_names)
    return _page(request, sheet, form, notes=notes, readings=form.readings(), status=422, **more)


def typed_page(request: HttpRequest, sheet: Sheet, typed: Typed, **more: Any) -> HttpResponse:
    """Return the page with these texts, unchecked."""
    return _page(request, sheet, sheet.form(typed, checks=False), **more)


def _page(
    request: HttpRequest,
    sheet: Sheet,
    form: SubmissionForm,
    *,
    notes: Notes | None = None,
    readings: Mapping[str, str] | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    corrects = sheet.corrects
    asked = asked_of(corrects) if corrects else {}
    context = {
        "programme": sheet.programme,
        "person": sheet.person,
        "sheet": sheet,
        "draft_id": sheet.draft_id,
        "version": sheet.draft.version if sheet.draft else 0,
        "saved_at": time_of(sheet.draft.saved_at) if sheet.draft else "",
        "tab": uuid4().hex,
        "ticket": ticket_for(request, sheet.person, sheet.draft_id),
        "keeps_copies": not is_shared_computer(request),
        "phase": sheet.basis.phase,
        "form": form,
        "own_unit": sheet.own_unit,
        "notes": notes or {},
        "readings": readings or {},
        "asked": asked,
        "corrects": corrects,
        "corrects_code": code_of(corrects.pk) if corrects else "",
        "returned": _last_return(corrects) if corrects else None,
        "files": files_of_draft(sheet.draft) if sheet.draft else [],
        **more,
    }
    return render(request, "member/submit.html", context, status=status)


def _last_return(initiative: Initiative) -> Any:
    """Return the event by which the initiative was returned."""
    returned = [event for event in initiative.events.all() if event.kind == EventKind.RETURNED]
    return max(returned, key=lambda event: event.number, default=None)
