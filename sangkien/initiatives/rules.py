"""Who may do what with an initiative, as named rules."""

from __future__ import annotations

from datetime import datetime

from sangkien.initiatives.models import Initiative, Response
from sangkien.initiatives.states import State
from sangkien.people.models import Person
from sangkien.units.rules import subtree_ids_of, verifies_in

UNDECIDED = (State.SUBMITTED, State.RETURNED)
"""Where an initiative stands that nobody has decided on."""


def is_submitter(person: Person, initiative: Initiative) -> bool:
    """Whoever entered the initiative."""
    return bool(person.is_active and initiative.submitter_id == person.pk)


def is_author(person: Person, initiative: Initiative) -> bool:
    """One of the authors, known by their account, whatever they said to being named."""
    return bool(person.is_active and initiative.authors.filter(person_id=person.pk).exists())


def is_named_author(person: Person, initiative: Initiative) -> bool:
    """An author whom somebody else has named."""
    return not is_submitter(person, initiative) and is_author(person, initiative)


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
    """Whoever entered it, or an author who has confirmed to be one: being named by somebody gives no right over it."""
    if is_submitter(person, initiative):
        return True
    return bool(
        person.is_active and initiative.authors.filter(person_id=person.pk, response=Response.CONFIRMED).exists()
    )


may_resubmit = may_withdraw


def may_correct(person: Person, initiative: Initiative) -> bool:
    """Who may send it again, while it is returned."""
    return initiative.state == State.RETURNED and may_resubmit(person, initiative)


def may_answer_authorship(person: Person, initiative: Initiative) -> bool:
    """An author whom somebody else has named, until it is decided."""
    return initiative.state in UNDECIDED and is_named_author(person, initiative)


def may_see_attachments(person: Person, initiative: Initiative, at: datetime) -> bool:
    """Its people, and who holds a role over its unit or one above. Attachments are never public."""
    if may_withdraw(person, initiative):  # its people: who has only been named is none of them yet
        return True
    return not set(subtree_ids_of(person, at)).isdisjoint(initiative.unit_path)


def may_see_contact(person: Person, initiative: Initiative) -> bool:
    """Whoever entered the contacts of the authors, nobody else."""
    return is_submitter(person, initiative)
