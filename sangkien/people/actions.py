"""What people do with their own profile and with what they have agreed to.

A consent is a record of its own (``Consent`` keeps the text, when it was given and when it was taken back), so nothing
here writes to ``audit``, which stands above this floor.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed
from sangkien.core.vietnamese import normalise, normalise_lines, search_key
from sangkien.people.categories import Category
from sangkien.people.models import Consent, Person

LANGUAGES: Final = ("vi", "en")
"""In which people are written to."""
MAX_NAME: Final = 200
MAX_CONSENT: Final = 20_000
YOUNGEST: Final = 15
"""Years: below it nobody works under a labour contract."""
OLDEST: Final = 110

_TOO_LONG = _("This is too long: at most %(limit)d characters.")


@transaction.atomic
def update_profile(
    *,
    actor: Person,
    full_name: str,
    date_of_birth: date | None,
    job_title: str,
    qualification: str,
    category: Category | str,
    language: str,
) -> Person:
    """Write somebody's own profile; the date of birth and the two texts may stay empty, also the category.

    Raises NotAllowed for what is no person, and InvalidInput with the field at fault.
    """
    if actor.is_system or not actor.is_active:
        raise NotAllowed
    person = _locked(actor)
    person.full_name = clean_full_name(full_name)
    person.date_of_birth = _clean_birth(date_of_birth)
    person.job_title = _line(job_title, "job_title")
    person.qualification = _line(qualification, "qualification")
    person.category = _one_of(category, ("", *Category.values), "category")
    person.language = _one_of(language, LANGUAGES, "language")
    person.save(
        update_fields=["full_name", "date_of_birth", "job_title", "qualification", "category", "language"],
    )
    return person


@transaction.atomic
def give_consent(*, actor: Person, purpose: str, version: str, language: str, text: str) -> Consent:
    """Keep that somebody agreed to this text, as they read it, now. The same version twice is one consent.

    Raises InvalidInput for a text that is empty or over ``MAX_CONSENT`` characters.
    """
    person = _locked(actor)
    held = Consent.objects.filter(person=person, purpose=purpose, version=version, withdrawn_at__isnull=True).first()
    if held is not None:
        return held
    read = normalise_lines(text)
    if not 0 < len(read) <= MAX_CONSENT:
        raise InvalidInput(code="consent_without_text", field="text")
    return Consent.objects.create(
        person=person, purpose=purpose, version=version, language=language, text=read, given_at=clock.now()
    )


@transaction.atomic
def withdraw_consent(*, actor: Person, purpose: str) -> int:
    """Take back every version of a consent from now on; return how many there were. What was done before stays."""
    person = _locked(actor)
    return Consent.objects.filter(person=person, purpose=purpose, withdrawn_at__isnull=True).update(
        withdrawn_at=clock.now()
    )


def clean_full_name(text: str) -> str:
    """Return a person's name as it is stored. Raises InvalidInput (``full_name``)."""
    name = _line(text, "full_name")
    if not any(char.isalpha() for char in search_key(name)):
        raise InvalidInput(_("Write your full name."), code="no_name", field="full_name")
    return name


def _locked(actor: Person) -> Person:
    """Return the actor as stored now, locked to the end of the transaction."""
    return Person.objects.select_for_update(no_key=True).get(pk=actor.pk)


def _clean_birth(day: date | None) -> date | None:
    """Return a date of birth. Raises InvalidInput unless somebody born then may be at work."""
    if day is None:
        return None
    today = clock.day_of(clock.now())
    age = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    if not YOUNGEST <= age <= OLDEST:
        raise InvalidInput(
            _("Check the year: nobody at work was born on that day."), code="no_such_age", field="date_of_birth"
        )
    return day


def _line(text: str, field: str) -> str:
    """Return one line of text. Raises InvalidInput when it is too long."""
    line = normalise(text)
    if len(line) > MAX_NAME:
        raise InvalidInput(_TOO_LONG % {"limit": MAX_NAME}, code="too_long", field=field)
    return line


def _one_of(value: str, known: tuple[str, ...], field: str) -> str:
    """Return the value. Raises InvalidInput when it is none of those known."""
    if value not in known:
        raise InvalidInput(_("Choose one of those listed."), code="unknown_choice", field=field)
    return str(value)
