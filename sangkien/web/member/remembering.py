"""What somebody chose on the form is taken into their profile, if it says nothing yet and they wish so."""

from __future__ import annotations

from contextlib import suppress

from sangkien.core.errors import SangKienError
from sangkien.initiatives.inputs import AuthorInput
from sangkien.people.actions import update_profile
from sangkien.people.models import Person
from sangkien.units.actions import join_unit
from sangkien.units.models import Unit
from sangkien.web.member.forms import SubmissionForm


def remember(person: Person, own_unit: Unit | None, form: SubmissionForm) -> None:
    """Note the unit and the category of somebody who has sent an initiative of their own.

    Never raises what a floor refuses: the initiative has been sent, and what is not noted is asked for next time.
    """
    principal = form.author_inputs()[0]
    if form.cleaned_data["remember"] and principal.person_id == person.pk:
        with suppress(SangKienError):
            _note(person, own_unit, form, principal)


def _note(person: Person, own_unit: Unit | None, form: SubmissionForm, principal: AuthorInput) -> None:
    if own_unit is None:
        join_unit(actor=person, unit=form.chosen_unit())
    if not person.category:
        update_profile(
            actor=person,
            full_name=person.full_name,
            date_of_birth=person.date_of_birth,
            job_title=person.job_title or principal.title,
            qualification=person.qualification,
            category=principal.category,
            language=person.language,
        )
