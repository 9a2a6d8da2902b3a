"""Office files that are zip archives: Word, Excel, PowerPoint and OpenDocument; and what is wrong with them.

Nothing is unpacked to memory or disk: entries are read through in pieces, and every count and size that the archive
claims is checked against a cap before it is believed and against what is really there afterwards.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from sangkien.initiatives.files.kinds import DOCX, ODP, ODS, ODT, PPTX, XLSX, FileKind
from sangkien.initiatives.files.limits import CHUNK, MEGABYTE
from sangkien.initiatives.files.refusals import bomb, damaged, locked, other_kind, with_macros

MOST_ENTRIES = 10_000
LARGEST_DIRECTORY = MEGABYTE
MOST_UNPACKED = 200 * MEGABYTE
LARGEST_RATIO = 100
RATIO_MATTERS_FROM = 10 * MEGABYTE
"""Unpacked sizes below this hurt nobody, whatever they were packed to."""
LARGEST_LIST = MEGABYTE
"""Bytes of a package's list of contents that are read to tell what it is."""

_END = struct.Struct("<4s4H2LH")  # signature, two disk numbers, two counts, size and place of the directory, comment
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, KeyError, RuntimeError,
    NotImplementedError, OverflowError,
)  # fmt: skip
_MAIN_PARTS: tuple[tuple[bytes, FileKind], ...] = (
    (b"wordprocessingml.document.main+xml", DOCX),
    (b"spreadsheetml.sheet.main+xml", XLSX),
    (b"presentationml.presentation.main+xml", PPTX),
)
_OPEN_DOCUMENTS = {kind.media_type.encode(): kind for kind in (ODT, ODS, ODP)}
_MACRO_PARTS = re.compile(r"(^|/)(vbaproject\.bin|vbadata\.xml|macrosheets/|activex/|basic/|scripts/)", re.IGNORECASE)


def ends_as_archive(file: BinaryIO, size: int) -> bool:
    """Say whether the last bytes of the file are the end of a zip archive."""
    return _end_record(file, size) is not None


def recognise(file: BinaryIO) -> FileKind:
    """Return the kind of Office file that a zip archive is. Raises InvalidInput for any other archive."""
    size = file.seek(0, io.SEEK_END)
    _check_end(file, size)
    try:
        with zipfile.ZipFile(file) as archive:
            _check_entries(archive.infolist(), size)
            kind = _kind_of(archive)
            _read_through(archive)
    except _BROKEN:
        raise damaged() from None
    return kind


def _end_record(file: BinaryIO, size: int) -> tuple[int, int, int, int] | None:
    """Return (its place, entries, size and place of the directory) of the record that ends an archive, if one does."""
    start = max(0, size - _END.size - 0xFFFF)
    file.seek(start)
    tail = file.read(_END.size + 0xFFFF)
    found = tail.rfind(b"PK\5\6")
    if found < 0 or len(tail) - found < _END.size:
        return None
    _sig, _disk, _first, _here, entries, length, place, comment = _END.unpack_from(tail, found)
    if found + _END.size + comment != len(tail):
        return None
    return start + found, entries, length, place


def _check_end(file: BinaryIO, size: int) -> None:
    """Raise InvalidInput unless the archive begins and ends with the file and its directory is of a sensible size.

    The directory is held in memory as a whole, so this comes before it is read.
    """
    end = _end_record(file, size)
    if end is None:
        raise damaged()
    at, entries, length, place = end
    file.seek(max(0, at - 20))
    if file.read(4) == b"PK\6\7":  # sizes beyond four gigabytes
        raise bomb()
    if entries > MOST_ENTRIES or length > LARGEST_DIRECTORY:
        raise bomb()
    if place + length != at:  # something before or between that is no part of the archive
        raise damaged()


def _check_entries(entries: list[zipfile.ZipInfo], size: int) -> None:
    """Raise InvalidInput for an archive whose entries claim too much, hide something or lead out of it."""
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED:
        raise bomb()
    if unpacked > RATIO_MATTERS_FROM and unpacked > LARGEST_RATIO * size:
        raise bomb()
    if sum(entry.compress_size for entry in entries) > size:  # entries that share their bytes
        raise bomb()
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) != len(names) or any(_leads_out(name) for name in names):
        raise damaged()
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise locked()
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise damaged()


def _leads_out(name: str) -> bool:
    """Say whether an entry's name leads to a place outside the archive."""
    return name.startswith("/") or "\\" in name or ".." in name.split("/")


def _kind_of(archive: zipfile.ZipFile) -> FileKind:
    """Return the kind by what the archive says of itself. Raises InvalidInput."""
    names = set(archive.namelist())
    if any(_MACRO_PARTS.search(name) for name in names):
        raise with_macros()
    if "mimetype" in names:
        kind = _OPEN_DOCUMENTS.get(_read(archive, "mimetype").strip())
        if kind is not None and "content.xml" in names:
            if "META-INF/manifest.xml" in names and b"encryption-data" in _read(archive, "META-INF/manifest.xml"):
                raise locked()
            return kind
    if "[Content_Types].xml" in names:
        contents = _read(archive, "[Content_Types].xml")
        if b"macroEnabled" in contents or b"vbaProject" in contents:
            raise with_macros()
        for mark, kind in _MAIN_PARTS:
            if mark in contents:
                return kind
    raise other_kind(_("an archive"))


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the beginning of an entry."""
    with archive.open(name) as entry:
        return entry.read(LARGEST_LIST)


def _read_through(archive: zipfile.ZipFile) -> None:
    """Read every entry to its end. Raises what a damaged one raises; InvalidInput when there is more than claimed."""
    total = 0
    for entry in archive.infolist():
        with archive.open(entry) as part:
            while piece := part.read(CHUNK):
                total += len(piece)
                if total > MOST_UNPACKED:
                    raise bomb()
