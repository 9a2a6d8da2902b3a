"""From a returned initiative to the draft that corrects it."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import transaction

from sangkien.core import clock
from sangkien.initiatives import actions, queries, rules
from sangkien.initiatives.errors import DraftChanged
from sangkien.initiatives.files.moving import copy_to_draft
from sangkien.initiatives.models import Initiative
from sangkien.people.models import Person
from sangkien.web.member.typed import typed_from, without_contacts


def begin_correction(person: Person, initiative: Initiative) -> UUID:
    """Return the person's draft that corrects the initiative, made now unless there is one.

    It begins with what the initiative says and with its files. Contacts of co-authors stay with whoever entered them.
    """
    if found := _begun(person, initiative):
        return found
    typed = typed_from(initiative)
    if not rules.is_submitter(person, initiative):
        typed = without_contacts(typed)
    try:
        with transaction.atomic():
            draft = actions.save_draft(
                actor=person,
                draft_id=uuid4(),
                programme=initiative.programme,
                typed=typed,
                seen_version=0,
                corrects=initiative.pk,
            )
            copy_to_draft(initiative, draft, clock.now())
    except DraftChanged as error:  # a double click: the other request was faster
        return error.draft.pk
    return draft.pk


def _begun(person: Person, initiative: Initiative) -> UUID | None:
    """Return the person's draft that corrects the initiative, if they have begun one."""
    return next((draft.pk for draft in queries.drafts_of(person) if draft.corrects == initiative.pk), None)
