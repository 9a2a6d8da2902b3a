"""What a file is, by its content. Its name and what the browser says of it decide nothing."""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sangkien.initiatives.files import compound, packages
from sangkien.initiatives.files.kinds import JPEG, PDF, PNG, WEBP, FileKind
from sangkien.initiatives.files.refusals import damaged, empty, other_kind

HEAD = 4096
_PDF_TAIL = 2048

_ARCHIVE = _("an archive")
_PROGRAM = _("a program")
_SCRIPT = _("a script")
_VIDEO = _("a video or sound recording")
_REFUSED: tuple[tuple[bytes, str | Promise], ...] = (
    (b"MZ", _PROGRAM), (b"\x7fELF", _PROGRAM), (b"\xca\xfe\xba\xbe", _PROGRAM), (b"\xcf\xfa\xed\xfe", _PROGRAM),
    (b"#!", _SCRIPT), (b"<?php", _SCRIPT),
    (b"Rar!", _ARCHIVE), (b"7z\xbc\xaf", _ARCHIVE), (b"\x1f\x8b", _ARCHIVE), (b"BZh", _ARCHIVE), (b"PK", _ARCHIVE),
    (b"GIF8", _("a GIF picture")), (b"BM", _("a BMP picture")),
    (b"II*\0", _("a TIFF picture")), (b"MM\0*", _("a TIFF picture")),
    (b"{\\rtf", _("an RTF text")), (b"ID3", _VIDEO), (b"RIFF", _VIDEO), (b"\x1aE\xdf\xa3", _VIDEO),
)  # fmt: skip
_HEIC = (b"heic", b"heix", b"heif", b"hevc", b"mif1", b"msf1", b"avif")


def recognise(file: BinaryIO) -> FileKind:
    """Return what the file is, from its beginning to its end; the file may be left anywhere.

    Raises InvalidInput for everything that is not accepted: what is empty, damaged, locked with a password, has
    macros, unpacks to far more than it is, or is of another kind. It says what the file really is where that is known.
    """
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        raise empty()
    if head.startswith(b"%PDF-"):
        return _pdf(file)
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"PK\x03\x04"):
        return packages.recognise(file)
    if head.startswith(compound.MAGIC):
        return compound.recognise(file)
    raise other_kind(_what(head))


def _pdf(file: BinaryIO) -> FileKind:
    """Return PDF if the file also ends as one. It is kept as it is. Raises InvalidInput."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _PDF_TAIL))
    if b"%%EOF" not in file.read(_PDF_TAIL):
        raise damaged()
    if packages.ends_as_archive(file, size):  # it would be a document to one program and an archive to another
        raise other_kind(_ARCHIVE)
    return PDF


def _what(head: bytes) -> str | Promise:
    """Return in words what a file of no accepted kind seems to be, by its beginning."""
    for magic, what in _REFUSED:
        if head.startswith(magic):
            return what
    if head[4:8] == b"ftyp":
        return _("a HEIC picture") if head[8:12] in _HEIC else _VIDEO
    start = head.removeprefix(b"\xef\xbb\xbf")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start.replace(b"\0", b"")[2:]
    start = start.lstrip().lower()
    if b"<svg" in start:
        return _("an SVG drawing")
    if start.startswith((b"<!doctype", b"<html", b"<script", b"<body", b"<head", b"<!--")):
        return _("a web page")
    if start.startswith(b"<?xml"):
        return _("an XML file")
    return _("a plain text") if _is_text(head) else _("of an unknown kind")


def _is_text(head: bytes) -> bool:
    """Say whether a file begins as text does."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # which leaves a letter that was cut at the end alone
    except UnicodeDecodeError:
        return False
    return b"\0" not in head
