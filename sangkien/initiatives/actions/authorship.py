"""What people who are named as authors do: say whether they are."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.audit.actions import record
from sangkien.core import outbox
from sangkien.core.errors import Conflict, NotAllowed
from sangkien.initiatives import rules
from sangkien.initiatives.actions.authors import PRINCIPAL, flag_objection, people_by_contact
from sangkien.initiatives.actions.writing import locked
from sangkien.initiatives.models import Author, Initiative, Response
from sangkien.people.models import Person


@transaction.atomic
def answer_authorship(*, actor: Person, initiative_id: int, response: Response) -> Initiative:
    """Confirm or decline to be an author; the answer can be changed until the initiative is decided.

    Shares stay as they are whatever is answered. While the principal author declines, it cannot be found valid. Raises
    NotFound, NotAllowed when the actor is not named (or entered it themselves), and Conflict when it has been decided
    or withdrawn.
    """
    initiative, at = locked(initiative_id)
    named = Author.objects.filter(initiative=initiative, person_id=actor.pk).order_by("number")
    if not rules.is_named_author(actor, initiative):
        raise NotAllowed
    if initiative.state not in rules.UNDECIDED:
        raise Conflict(_("It is too late to answer: this initiative is no longer waiting."), code="wrong_state")
    changed = list(named.exclude(response=response).values_list("number", flat=True))
    named.filter(number__in=changed).update(response=response, responded_at=at)
    if PRINCIPAL in changed:
        flag_objection(initiative)
    for number in changed:
        entry = record(
            actor=actor,
            at=at,
            action="answer_authorship",
            subject_kind="initiative",
            subject=str(initiative.pk),
            unit_path=initiative.unit_path,
            details={"author": number, "response": str(response)},
        )
        outbox.publish(at, [(entry.pk, 0)], consumers=outbox.RECORD_CONSUMERS)
    return initiative


@transaction.atomic
def link_authorships(*, person: Person) -> int:
    """Make somebody the author of what names them by a contact that they have shown to be theirs; return how many.

    To be called whenever a contact has been verified.
    """
    if not person.is_active:
        return 0
    own = Person.objects.filter(pk=person.pk, emailaddress__verified=True)
    addresses = own.values_list("emailaddress__email", flat=True)
    contacts = [*addresses, *([person.phone] if person.phone and person.phone_verified else [])]
    theirs = [contact for contact, owner in people_by_contact(contacts).items() if owner == person.pk]
    return Author.objects.filter(contact__in=theirs, person__isnull=True).exclude(contact="").update(person=person)
