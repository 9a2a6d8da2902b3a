"""Office files of before 2007: one compound file (OLE2) that holds streams by name, as a small file system."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from sangkien.initiatives.files.kinds import DOC, PPT, XLS, FileKind
from sangkien.initiatives.files.refusals import damaged, locked, other_kind, with_macros

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOST_SECTORS = 4_000
"""Of the directory; a file of 20 MB has a few dozen."""
MOST_LISTS = 32
"""Sectors with the places of allocation tables; a file of 20 MB needs two."""

_LAST_REAL = 0xFFFFFFF9  # above it are marks: end of a chain, free, no stream
_STREAMS = (("WordDocument", DOC), ("Workbook", XLS), ("Book", XLS), ("PowerPoint Document", PPT))
_MACROS = frozenset(("VBA", "_VBA_PROJECT", "_VBA_PROJECT_CUR", "Macros"))
_LOCKED = frozenset(("EncryptedPackage", "EncryptionInfo", "EncryptedSummary"))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A stream or a folder: its name, and the numbers of what stands left and right of it and within it."""

    name: str
    left: int
    right: int
    child: int


def recognise(file: BinaryIO) -> FileKind:
    """Return the kind of Office file that a compound file is. Raises InvalidInput for any other."""
    try:
        entries = list(_entries(file))
        top = _names_within(entries, entries[0].child)
    except (struct.error, ValueError, IndexError):
        raise damaged() from None
    if not _LOCKED.isdisjoint(top):
        raise locked()
    if not _MACROS.isdisjoint(entry.name for entry in entries):  # also in what is embedded
        raise with_macros()
    for name, kind in _STREAMS:
        if name in top:
            return kind
    raise other_kind(_("of an unknown kind"))


def _entries(file: BinaryIO) -> Iterator[_Entry]:
    """Yield the entries of the directory in their order. Raises ValueError and struct.error for a broken file."""
    file.seek(0)
    header = file.read(512)
    (shift,) = struct.unpack_from("<H", header, 30)
    if shift not in (9, 12):
        raise ValueError("sector size")
    size = 1 << shift
    tables = _tables(file, header, size)
    (sector,) = struct.unpack_from("<I", header, 48)
    for _step in range(MOST_SECTORS):
        if sector > _LAST_REAL:
            return
        content = _sector(file, sector, size)
        for start in range(0, size, 128):
            name, length = content[start : start + 64], struct.unpack_from("<H", content, start + 64)[0]
            left, right, child = struct.unpack_from("<3I", content, start + 68)
            yield _Entry(name[: max(0, length - 2)].decode("utf-16-le", "replace"), left, right, child)
        table, place = divmod(sector, size // 4)
        (sector,) = struct.unpack_from("<I", _sector(file, tables[table], size), place * 4)
    raise ValueError("a directory without end")


def _tables(file: BinaryIO, header: bytes, size: int) -> list[int]:
    """Return the sectors that hold the allocation table: 109 of them stand in the header, more in a chain."""
    tables = list(struct.unpack_from("<109I", header, 76))
    (sector,) = struct.unpack_from("<I", header, 68)
    for _step in range(MOST_LISTS):
        if sector > _LAST_REAL:
            return tables
        *more, sector = struct.unpack(f"<{size // 4}I", _sector(file, sector, size))
        tables += more
    raise ValueError("a list of tables without end")


def _sector(file: BinaryIO, number: int, size: int) -> bytes:
    """Return a sector; the header takes the place of one."""
    file.seek((number + 1) * size)
    return file.read(size)


def _names_within(entries: list[_Entry], first: int) -> set[str]:
    """Return the names in a folder, whose entries hang together as a tree from ``first``. Raises IndexError."""
    names, seen, waiting = set[str](), set[int](), [first]
    while waiting:
        number = waiting.pop()
        if number > _LAST_REAL or number in seen:
            continue
        seen.add(number)
        entry = entries[number]
        names.add(entry.name)
        waiting += (entry.left, entry.right)
    return names
