"""Adding a file to a draft and taking it away again."""

from __future__ import annotations

import tempfile
from pathlib import PurePath
from typing import IO, BinaryIO, Protocol, cast
from uuid import UUID

from django.core.cache import cache
from django.db import transaction

from sangkien.core import clock
from sangkien.core.errors import NotFound
from sangkien.initiatives.files.images import write_anew
from sangkien.initiatives.files.kinds import FileKind, fitting_name
from sangkien.initiatives.files.limits import CHUNK, Limits, limits_in_force
from sangkien.initiatives.files.scanning import Scanner, scanner_in_force
from sangkien.initiatives.files.sniffing import recognise
from sangkien.initiatives.files.storing import hash_of, hold, store
from sangkien.initiatives.models import Draft, DraftFile
from sangkien.people.models import Person

A_DAY = 24 * 3600  # seconds


class Readable(Protocol):
    """Whatever a file comes from: it is read in pieces, once."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes more, none at the end."""


def add_file(
    *,
    actor: Person,
    draft_id: UUID,
    name: str,
    stream: Readable,
    size: int | None = None,
    limits: Limits | None = None,
    scanner: Scanner | None = None,
) -> DraftFile:
    """Add a file to the actor's draft and return it; one whose content is there already is returned as it is.

    ``stream`` is read in pieces of 64 KB and never beyond the largest size; ``size`` (bytes), when it is known, lets a
    file that is too large be refused before it is read. Raises NotFound for a draft that is not the actor's, and
    InvalidInput (field ``file``) with a sentence for every file that is not wanted: too many, too large, of another
    kind, lying, locked, with macros or a virus, damaged.
    """
    limits, scanner = limits or limits_in_force(), scanner or scanner_in_force()
    limits.check_size(size or 0)
    _check_room(get_own_draft(actor, draft_id), limits)
    with tempfile.TemporaryFile() as received, tempfile.TemporaryFile() as anew:
        _receive(stream, received, limits)
        source = cast(BinaryIO, received)
        kind = recognise(source)
        fitting_name(name, kind)
        scanner.check(source)
        kept: IO[bytes] = received
        if kind.is_picture:
            kind, kept = write_anew(source, anew), anew
        return _keep(actor, draft_id, fitting_name(name, kind), kind, kept, limits)


@transaction.atomic
def remove_file(*, actor: Person, draft_id: UUID, file_id: int) -> None:
    """Take a file from the actor's draft; its content goes when nothing names it any more. Raises NotFound."""
    draft = get_own_draft(actor, draft_id)
    deleted, _tables = DraftFile.objects.filter(draft=draft, pk=file_id).delete()
    if not deleted:
        raise NotFound(code="unknown_file")


def files_of_draft(draft: Draft) -> list[DraftFile]:
    """Return the files of a draft in the order in which they were added."""
    return list(DraftFile.objects.filter(draft=draft).order_by("pk"))


def get_own_draft(actor: Person, draft_id: UUID, *, lock: bool = False) -> Draft:
    """Return the actor's draft, locked if wanted. Raises NotFound for one that is another's or is not there."""
    rows = Draft.objects.select_for_update() if lock else Draft.objects.all()
    draft = rows.filter(pk=draft_id, owner=actor).first()
    if draft is None:
        raise NotFound(code="unknown_draft")
    return draft


def _check_room(draft: Draft, limits: Limits, size: int = 0) -> None:
    """Raise InvalidInput unless the draft has room for one more file of ``size`` bytes."""
    sizes = list(DraftFile.objects.filter(draft=draft).values_list("size", flat=True))
    limits.check_room(len(sizes) + 1, sum(sizes) + size)


def _receive(stream: Readable, target: IO[bytes], limits: Limits) -> None:
    """Copy what comes in to disk, and stop with InvalidInput as soon as it is too much."""
    size = 0
    while piece := stream.read(CHUNK):
        size += len(piece)
        limits.check_size(size)
        target.write(piece)
    target.flush()


def _keep(actor: Person, draft_id: UUID, name: str, kind: FileKind, file: IO[bytes], limits: Limits) -> DraftFile:
    """Store the file and write its row, unless the draft has that content already."""
    sha256, size = hash_of(file)
    limits.check_size(size)  # a picture may have grown
    _count_today(actor, size, limits)
    store(file, sha256)  # outside the transaction, which is to be short
    with transaction.atomic():
        draft = get_own_draft(actor, draft_id, lock=True)
        same = DraftFile.objects.filter(draft=draft, sha256=sha256).first()
        if same is not None:
            return same
        _check_room(draft, limits, size)
        hold(sha256)
        store(file, sha256)  # it is there, unless it was swept away just now as a content that nobody named
        return DraftFile.objects.create(
            draft=draft,
            name=_unlike_others(name, draft),
            media_type=kind.media_type,
            size=size,
            sha256=sha256,
            uploaded_at=clock.now(),
        )


@transaction.atomic
def _count_today(actor: Person, size: int, limits: Limits) -> None:
    """Count what a person adds on a Vietnamese day. Raises InvalidInput when it is too much.

    What is taken away again is stored until it is swept away: without a limit one person could fill the disk.
    """
    Person.objects.select_for_update(no_key=True).get(pk=actor.pk)  # one after another
    key = f"files:{actor.pk}:{clock.day_of(clock.now())}"
    added = cache.get(key, 0) + size
    limits.check_day(added)
    cache.set(key, added, timeout=A_DAY)


def _unlike_others(name: str, draft: Draft) -> str:
    """Return the name with a number if the draft has another file of that name."""
    taken = {other.lower() for other in DraftFile.objects.filter(draft=draft).values_list("name", flat=True)}
    path, number, free = PurePath(name), 2, name
    while free.lower() in taken:
        free, number = f"{path.stem} ({number}){path.suffix}", number + 1
    return free
