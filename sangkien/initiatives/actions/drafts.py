"""What somebody has typed and not sent yet: saved as it is, whatever is missing or wrong, and for its owner alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from sangkien.core import clock
from sangkien.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from sangkien.initiatives import rules
from sangkien.initiatives.errors import AlreadySent, DraftChanged
from sangkien.initiatives.files.moving import move_to_initiative
from sangkien.initiatives.models import Draft, Initiative, SubmissionKey
from sangkien.people.models import Person
from sangkien.programmes.models import Programme

MAX_DRAFT = 400_000
"""Characters of all that was typed, with the names of the inputs."""
MAX_DRAFTS = 50
"""Drafts that one person can have at a time."""

# What hangs on a draft goes with it; the foreign keys are checked when the transaction commits.
_DELETE = """
WITH files AS (DELETE FROM initiatives_draft_file WHERE draft_id = %(id)s),
     parts AS (DELETE FROM initiatives_upload_part
                WHERE upload_id IN (SELECT id FROM initiatives_upload WHERE draft_id = %(id)s)),
     uploads AS (DELETE FROM initiatives_upload WHERE draft_id = %(id)s)
DELETE FROM initiatives_draft WHERE id = %(id)s
"""


@transaction.atomic
def save_draft(
    *,
    actor: Person,
    draft_id: UUID,
    programme: Programme,
    typed: Mapping[str, str],
    seen_version: int,
    corrects: int | None = None,
) -> Draft:
    """Save what has been typed over the version that the writer has seen; 0 makes the draft.

    ``corrects`` is the number of the returned initiative that a new draft is to correct. Saving the same again changes
    nothing, so that a save whose answer was lost can be repeated. Raises DraftChanged when the draft stands otherwise
    than seen (also when another draft already corrects this initiative), AlreadySent when it has been sent, NotFound
    when it is another's or has been discarded, InvalidInput when it is too large, NotAllowed and Conflict.
    """
    if not rules.may_submit(actor):
        raise NotAllowed
    cleaned = _clean_typed(typed)
    now = clock.now()
    saved = Draft.objects.filter(pk=draft_id, owner=actor, version=seen_version)
    if seen_version and saved.update(typed=cleaned, version=seen_version + 1, saved_at=now):
        return Draft.objects.get(pk=draft_id)
    if found := Draft.objects.filter(pk=draft_id).first():
        return _same_or_changed(found, actor, cleaned)
    sent = SubmissionKey.objects.filter(person=actor, key=draft_id).first()
    if sent is not None:
        raise AlreadySent(sent.initiative_number)
    if seen_version:
        raise NotFound(_("This draft is no longer there: it has been discarded."), code="unknown_draft")
    return _new_draft(actor, draft_id, programme, cleaned, corrects, now)


@transaction.atomic
def discard_draft(*, actor: Person, draft_id: UUID) -> None:
    """Delete a draft of the actor's with its files. Raises NotFound."""
    if not Draft.objects.select_for_update().filter(pk=draft_id, owner_id=actor.pk).exists():
        raise NotFound(_("There is no such draft."), code="unknown_draft")
    _delete(draft_id)


def use_up(draft_id: UUID, initiative: Initiative, actor: Person, at: datetime) -> None:
    """Let the files of a draft that is being sent become attachments, and delete it. ``at`` is that moment (UTC)."""
    if Draft.objects.select_for_update().filter(pk=draft_id, owner_id=actor.pk).exists():
        move_to_initiative(draft_id, initiative, actor, at)
        _delete(draft_id)


def _new_draft(
    actor: Person, draft_id: UUID, programme: Programme, typed: dict[str, str], corrects: int | None, now: datetime
) -> Draft:
    """Make a draft. Raises DraftChanged when somebody else has made it meanwhile, and what ``save_draft`` says."""
    if corrects is not None:
        _check_corrects(actor, corrects)
    if Draft.objects.filter(owner=actor).count() >= MAX_DRAFTS:
        raise Conflict(
            _("You have %(limit)s unfinished drafts. Send or discard one first.") % {"limit": MAX_DRAFTS},
            code="too_many_drafts",
        )
    draft = Draft(
        pk=draft_id,
        owner=actor,
        programme=programme,
        corrects=corrects,
        typed=typed,
        version=1,
        created_at=now,
        saved_at=now,
    )
    Draft.objects.bulk_create([draft], ignore_conflicts=True)  # of two who make it at once, one does
    found = Draft.objects.filter(pk=draft_id).first() or Draft.objects.get(owner=actor, corrects=corrects)
    return _same_or_changed(found, actor, typed)


def _check_corrects(actor: Person, number: int) -> None:
    """Raise NotFound, NotAllowed or Conflict unless the actor may correct this initiative now."""
    initiative = Initiative.objects.filter(pk=number).first()
    if initiative is None:
        raise NotFound(code="unknown_initiative")
    if not rules.may_resubmit(actor, initiative):
        raise NotAllowed
    if not rules.may_correct(actor, initiative):
        raise Conflict(_("Only an initiative that was returned can be corrected and sent again."), code="wrong_state")


def _same_or_changed(found: Draft, actor: Person, typed: dict[str, str]) -> Draft:
    """Return the draft if it holds just this. Raises NotFound when it is another's, and DraftChanged."""
    if found.owner_id != actor.pk:
        raise NotFound(_("There is no such draft."), code="unknown_draft")
    if found.typed != typed:
        raise DraftChanged(found)
    return found


def _clean_typed(typed: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed without what no database can keep. Raises InvalidInput when it is too large."""
    if sum(len(name) + len(text) for name, text in typed.items()) > MAX_DRAFT:
        raise InvalidInput(
            _("This is too long to be kept as a draft: at most %(limit)s characters in all.") % {"limit": MAX_DRAFT},
            code="too_large",
        )
    return {_storable(name): _storable(text) for name, text in typed.items()}


def _storable(text: str) -> str:
    """Return a text without NUL and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _delete(draft_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, {"id": draft_id})
