"""From a draft to its initiative, and back into a draft that corrects one. Only rows move, never what is stored."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sangkien.initiatives.models import Attachment, Draft, DraftFile, Initiative
from sangkien.people.models import Person

FILE_FIELDS = ("name", "media_type", "size", "sha256", "uploaded_at")


def move_to_initiative(draft_id: UUID, initiative: Initiative, actor: Person, at: datetime) -> int:
    """Make the files of the actor's draft the attachments of ``initiative``; return how many it has from the draft.

    A draft that corrects this initiative began with copies of its attachments: what it holds now takes their place,
    and what was there before stays with whoever uploaded it. One query when there are no files; without such a draft
    nothing changes. Call it in the transaction of the submission, with the draft locked, before the draft is deleted.
    ``at`` is the moment of the submission (UTC).
    """
    rows = list(
        Draft.objects.filter(pk=draft_id, owner=actor)
        .order_by("files__pk")
        .values_list("corrects", *(f"files__{name}" for name in FILE_FIELDS))
    )
    files = [dict(zip(FILE_FIELDS, row[1:], strict=True)) for row in rows if row[1] is not None]
    uploaders: dict[str, int] = {}
    if rows and rows[0][0] == initiative.pk:
        before = Attachment.objects.filter(initiative=initiative)
        uploaders = dict(before.values_list("sha256", "uploaded_by_id"))
        before.delete()
    if files:
        Attachment.objects.bulk_create(
            Attachment(
                initiative=initiative,
                number=number,
                uploaded_by_id=uploaders.get(str(file["sha256"]), actor.pk),
                **file,
            )
            for number, file in enumerate(files, start=1)
        )
    return len(files)


def copy_to_draft(initiative: Initiative, draft: Draft, at: datetime) -> int:
    """Begin a correcting draft with copies of the initiative's attachments; return how many. ``at`` is now (UTC).

    The copies keep the moment at which each was uploaded. What the draft already has is not copied again.
    """
    attachments = list(Attachment.objects.filter(initiative=initiative))
    DraftFile.objects.bulk_create(
        (DraftFile(draft=draft, **{name: getattr(one, name) for name in FILE_FIELDS}) for one in attachments),
        ignore_conflicts=True,
    )
    return len(attachments)
