"""Removing what nothing names any more: contents without a row, and uploads that were given up."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from sangkien.core import clock
from sangkien.initiatives.files.storing import hold, key_of, storage
from sangkien.initiatives.models import Attachment, DraftFile, Upload, UploadPart

log = logging.getLogger("sangkien.files")
A_DAY = timedelta(days=1)
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Swept:
    """How many contents and unfinished uploads were removed."""

    files: int
    uploads: int


def sweep(older_than: timedelta = A_DAY) -> Swept:
    """Remove what is older than that and nothing names: run it once a day. Safe while people work, also twice at once.

    A content is removed under a lock on its hash that whoever names it takes as well; so none is removed that is
    being named at the same moment.
    """
    before = clock.now() - older_than
    return Swept(_sweep_files(before), _sweep_uploads(before))


def _sweep_files(before: datetime) -> int:
    """Remove stored contents that no row names, folder by folder; return how many."""
    removed = 0
    try:
        folders, _files = storage().listdir("")
    except FileNotFoundError:  # nothing has ever been stored
        return 0
    for folder in folders:
        names = storage().listdir(folder)[1]
        named = _named(names)
        removed += sum(_remove(folder, name, before) for name in names if name not in named)
    return removed


def _sweep_uploads(before: datetime) -> int:
    """Remove uploads that were begun before this moment (UTC) and not finished; return how many."""
    stale = list(Upload.objects.filter(started_at__lt=before).values_list("pk", flat=True))
    UploadPart.objects.filter(upload_id__in=stale).delete()
    Upload.objects.filter(pk__in=stale).delete()
    return len(stale)


def _named(hashes: list[str]) -> set[str]:
    """Return those hashes that a row names."""
    sent = Attachment.objects.filter(sha256__in=hashes).values_list("sha256", flat=True)
    return {*sent, *DraftFile.objects.filter(sha256__in=hashes).values_list("sha256", flat=True)}


def _remove(folder: str, name: str, before: datetime) -> bool:
    """Remove one content if it is old enough and still nobody's; anything but a content is a part of a broken write."""
    path = f"{folder}/{name}"
    try:
        if storage().get_modified_time(path) >= before:
            return False
        with transaction.atomic():
            if _HASH.fullmatch(name) and path == key_of(name):
                hold(name)
                if _named([name]):
                    return False
            storage().delete(path)
    except OSError as error:  # somebody else removed it, or the disk does not answer
        log.warning("%s could not be swept away: %s", path, error)
        return False
    return True
