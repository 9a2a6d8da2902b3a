"""Uploads in parts, which go on after a broken connection. Parts lie in the database: any process takes the next."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.core import clock
from sangkien.core.errors import Conflict, InvalidInput, NotFound
from sangkien.core.vietnamese import normalise
from sangkien.initiatives.files.adding import add_file, get_own_draft
from sangkien.initiatives.files.limits import MEGABYTE, Limits, limits_in_force
from sangkien.initiatives.files.refusals import empty
from sangkien.initiatives.files.scanning import Scanner
from sangkien.initiatives.models import DraftFile, Upload, UploadPart
from sangkien.people.models import Person

LARGEST_PART = MEGABYTE


class WrongPlace(Conflict):
    """A part does not follow what was received; ``received`` says how many bytes are there."""

    code = "wrong_place"
    default_message = _("This part does not follow the one before. Go on from what has been received.")

    def __init__(self, received: int) -> None:
        self.received = received
        super().__init__()


def start_upload(
    *, actor: Person, draft_id: UUID, name: str, size: int, mark: str = "", limits: Limits | None = None
) -> Upload:
    """Begin an upload into the actor's draft, or find the one that was broken off; ``received`` says how far it is.

    It is the same upload if name, ``size`` (bytes) and ``mark`` (whatever tells two versions of a file apart, such as
    the moment of its last change) are the same. Of unfinished ones a person keeps as many as a draft may have files,
    the newest. Raises NotFound, and InvalidInput for a file that would be refused for its size.
    """
    limits = limits or limits_in_force()
    if size < 1:
        raise empty()
    limits.check_size(size)
    with transaction.atomic():
        draft = get_own_draft(actor, draft_id, lock=True)
        sizes = list(DraftFile.objects.filter(draft=draft).values_list("size", flat=True))
        limits.check_room(len(sizes) + 1, sum(sizes))  # how large a picture will be is not known yet
        upload, is_new = Upload.objects.get_or_create(
            id=uuid5(draft.pk, normalise(f"{name} {size} {mark}")),
            defaults={"draft": draft, "name": normalise(name)[-200:], "size": size, "started_at": clock.now()},
        )
        if is_new:
            newest_first = Upload.objects.filter(draft__owner=actor).order_by("-started_at")
            _drop(newest_first.values_list("pk", flat=True)[limits.files :])
    return upload


@transaction.atomic
def receive_part(*, actor: Person, draft_id: UUID, upload_id: UUID, start: int, content: bytes) -> int:
    """Take the bytes of the actor's upload from ``start`` on; return how many there are now.

    A part that came before is not taken again. Raises NotFound, WrongPlace for a part that does not follow what is
    there, and InvalidInput for one that is empty, above 1 MB or reaches beyond the file.
    """
    upload = _own_upload(actor, draft_id, upload_id)
    end = start + len(content)
    if not content or len(content) > LARGEST_PART or start < 0 or end > upload.size:
        raise InvalidInput(_("This part of the file is empty or too long."), code="bad_part", field="file")
    if start < upload.received and UploadPart.objects.filter(upload=upload, start=start).exists():
        return upload.received  # the answer to the first time was lost on the way
    if start != upload.received:
        raise WrongPlace(upload.received)
    UploadPart.objects.create(upload=upload, start=start, content=content)
    upload.received = end
    upload.save(update_fields=["received"])
    return end


def finish_upload(
    *, actor: Person, draft_id: UUID, upload_id: UUID, limits: Limits | None = None, scanner: Scanner | None = None
) -> DraftFile:
    """Make the upload a file of the draft, as ``add_file`` does; it is gone afterwards, also when it is refused.

    Raises WrongPlace while something is missing, and what ``add_file`` raises.
    """
    with transaction.atomic():
        upload = _own_upload(actor, draft_id, upload_id)
    if upload.received != upload.size:
        raise WrongPlace(upload.received)
    try:
        file = add_file(
            actor=actor,
            draft_id=draft_id,
            name=upload.name,
            stream=_Parts(upload),
            size=upload.size,
            limits=limits,
            scanner=scanner,
        )
    except InvalidInput as error:
        if error.code not in ("not_checked", "not_stored"):  # those may go better the next time
            _drop([upload.pk])
        raise
    _drop([upload.pk])
    return file


@transaction.atomic
def cancel_upload(*, actor: Person, draft_id: UUID, upload_id: UUID) -> None:
    """Forget an upload. Raises NotFound."""
    _drop([_own_upload(actor, draft_id, upload_id).pk])


class _Parts:
    """The parts of an upload one after another, one in memory at a time."""

    def __init__(self, upload: Upload) -> None:
        self.upload = upload
        self.place = 0
        self.part = b""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes more, none at the end or where a part is missing."""
        if not self.part:
            found = UploadPart.objects.filter(upload=self.upload, start=self.place).values_list("content", flat=True)
            self.part = bytes(found.first() or b"")
            self.place += len(self.part)
        piece, self.part = self.part[:size], self.part[size:]
        return piece


def _own_upload(actor: Person, draft_id: UUID, upload_id: UUID) -> Upload:
    """Lock and return an upload of the actor's draft. Raises NotFound."""
    rows = Upload.objects.select_for_update(of=("self",))
    upload = rows.filter(pk=upload_id, draft_id=draft_id, draft__owner=actor).first()
    if upload is None:
        raise NotFound(code="unknown_upload")
    return upload


def _drop(uploads: Iterable[UUID]) -> None:
    """Delete uploads with their parts, which are not read for it."""
    numbers = list(uploads)
    UploadPart.objects.filter(upload_id__in=numbers).delete()
    Upload.objects.filter(pk__in=numbers).delete()
