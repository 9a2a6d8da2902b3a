"""Who may do what with an initiative, as named rules."""

from __future__ import annotations

from datetime import datetime

from sangkien.initiatives.models import Initiative
from sangkien.people.models import Person
from sangkien.units.rules import verifies_in


def is_submitter(person: Person, initiative: Initiative) -> bool:
    """Whoever entered the initiative."""
    return bool(person.is_active and initiative.submitter_id == person.pk)


def is_author(person: Person, initiative: Initiative) -> bool:
    """One of the authors, known by their account."""
    return bool(person.is_active and initiative.authors.filter(person_id=person.pk).exists())


def may_submit(person: Person) -> bool:
    """Anyone with an account."""
    return bool(person.is_active and not person.is_system)


def may_decide(person: Person, initiative: Initiative, at: datetime) -> bool:
    """A verifier of the initiative's unit or of one above, never on an initiative of their own."""
    return (
        verifies_in(person, initiative.unit_path, at)
        and not is_submitter(person, initiative)
        and not is_author(person, initiative)
    )


def may_withdraw(person: Person, initiative: Initiative) -> bool:
    """Whoever entered it, or an author."""
    return is_submitter(person, initiative) or is_author(person, initiative)


may_resubmit = may_withdraw
