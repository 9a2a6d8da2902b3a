"""Where the content of files lies: in the storage "attachments", outside the web root, once, under its SHA-256."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from pathlib import Path
from typing import IO, Any, BinaryIO

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import connection

from sangkien.core.errors import NotFound
from sangkien.initiatives.files.limits import CHUNK
from sangkien.initiatives.files.refusals import unstored

log = logging.getLogger("sangkien.files")
UNFINISHED = ".part"
# Bits above the hash: no other advisory lock uses them (see core.moments).
_LOCK_SPACE = 0x5B << 48


class AttachmentFiles(FileSystemStorage):
    """Files in a folder that only this program's user may read: written beside their place, then put there at once."""

    def _save(self, name: str, content: File[Any]) -> str:
        """Write the content and give it its name once all of it is on the disk."""
        path = Path(self.path(name))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, suffix=UNFINISHED)
        try:
            with os.fdopen(descriptor, "wb") as target:
                for piece in content.chunks(CHUNK):
                    target.write(piece)
                target.flush()
                os.fsync(target.fileno())
            os.replace(draft, path)
        except BaseException:
            os.unlink(draft)
            raise
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return the name itself: under one hash lies one content, so writing it again changes nothing."""
        return name


def storage() -> Storage:
    """Return the storage of this installation."""
    return storages["attachments"]


def key_of(sha256: str) -> str:
    """Return the name in the storage of the content with this hash."""
    return f"{sha256[:2]}/{sha256}"


def hash_of(file: IO[bytes]) -> tuple[str, int]:
    """Return the SHA-256 of a file in lower-case hexadecimal and its size in bytes."""
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while piece := file.read(CHUNK):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def store(file: IO[bytes], sha256: str) -> None:
    """Store the content under its hash, unless it lies there already. Raises InvalidInput when that fails."""
    try:
        if not storage().exists(key_of(sha256)):
            file.seek(0)
            storage().save(key_of(sha256), File(file))
    except Exception:  # whatever a storage may raise: a full disk, a service that is away
        log.exception("a file could not be stored")
        raise unstored() from None


def open_stored(sha256: str) -> BinaryIO:
    """Open the content with this hash for reading. Raises NotFound."""
    try:
        stored: Any = storage().open(key_of(sha256))
    except FileNotFoundError:
        log.critical("the storage has no file %s, but a row names it", sha256)
        raise NotFound(code="file_lost") from None
    return stored  # type: ignore[no-any-return]


def hold(sha256: str) -> None:
    """Keep others from removing, or from naming, the content with this hash until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_SPACE | int(sha256[:12], 16)])
