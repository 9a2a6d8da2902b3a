"""Opening an attachment, for those who may see it."""

from __future__ import annotations

from typing import BinaryIO

from django.db import transaction

from sangkien.audit.actions import record_view
from sangkien.core import clock
from sangkien.core.errors import NotFound
from sangkien.core.moments import event_moment
from sangkien.initiatives import rules
from sangkien.initiatives.files.storing import open_stored
from sangkien.initiatives.models import Attachment, Initiative
from sangkien.initiatives.queries import Viewer
from sangkien.people.models import Person


def open_attachment(viewer: Viewer, initiative: Initiative, number: int) -> tuple[Attachment, BinaryIO]:
    """Return an attachment and its content, open for reading.

    Whoever is neither its submitter nor an author stands in the record afterwards, once a day: evidence often names
    people.
    Raises NotFound, also for those who may not see the attachments: they are not told how many there are.
    """
    if not (isinstance(viewer, Person) and rules.may_see_attachments(viewer, initiative, clock.now())):
        raise NotFound(code="unknown_attachment")
    attachment = Attachment.objects.filter(initiative=initiative, number=number).first()
    if attachment is None:
        raise NotFound(code="unknown_attachment")
    content = open_stored(attachment.sha256)
    if not (rules.is_submitter(viewer, initiative) or rules.is_author(viewer, initiative)):
        with transaction.atomic():
            record_view(
                actor=viewer,
                at=event_moment(),
                what="open_attachment",
                subject_kind="initiative",
                subject=str(initiative.pk),
                unit_path=initiative.unit_path,
                details={"number": number, "sha256": attachment.sha256},
            )
    return attachment, content
