"""The kinds of file that are accepted, and the names that fit them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput
from sangkien.core.vietnamese import normalise

LONGEST_NAME = 190
"""Bytes in UTF-8: file systems take 255, and a number may be added."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: its media type, the endings of its names (the first is the usual one), what people call it."""

    media_type: str
    endings: tuple[str, ...]
    label: str | Promise

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture, which is written anew before it is stored."""
        return self.media_type.startswith("image/")


_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_WORD, _EXCEL = _("a Word document"), _("an Excel workbook")
_SLIDES = _("a PowerPoint presentation")
PDF = FileKind("application/pdf", ("pdf",), _("a PDF document"))
JPEG = FileKind("image/jpeg", ("jpg", "jpeg", "jpe", "jfif"), _("a JPEG picture"))
PNG = FileKind("image/png", ("png",), _("a PNG picture"))
WEBP = FileKind("image/webp", ("webp",), _("a WebP picture"))
DOCX = FileKind(f"{_OOXML}wordprocessingml.document", ("docx",), _WORD)
XLSX = FileKind(f"{_OOXML}spreadsheetml.sheet", ("xlsx",), _EXCEL)
PPTX = FileKind(f"{_OOXML}presentationml.presentation", ("pptx",), _SLIDES)
DOC = FileKind("application/msword", ("doc",), _WORD)
XLS = FileKind("application/vnd.ms-excel", ("xls",), _EXCEL)
PPT = FileKind("application/vnd.ms-powerpoint", ("ppt", "pps"), _SLIDES)
ODT = FileKind(f"{_ODF}text", ("odt",), _("an OpenDocument text"))
ODS = FileKind(f"{_ODF}spreadsheet", ("ods",), _("an OpenDocument spreadsheet"))
ODP = FileKind(f"{_ODF}presentation", ("odp",), _("an OpenDocument presentation"))
KINDS = (PDF, JPEG, PNG, WEBP, DOCX, XLSX, PPTX, DOC, XLS, PPT, ODT, ODS, ODP)

ACCEPT = ",".join(f".{ending}" for kind in KINDS for ending in kind.endings)
"""For the ``accept`` of a file field."""

_PICTURE_ENDINGS = frozenset(ending for kind in KINDS if kind.is_picture for ending in kind.endings)
_OTHER_ENDINGS = """
exe com bat cmd scr pif msi dll ps1 sh js mjs vbs wsf hta lnk jar apk html htm xhtml mht svg xml php py rb pl zip rar 7z
gz tgz tar bz2 xz iso txt csv rtf md json gif bmp tif tiff heic heif avif ico mp3 mp4 m4a mov avi mkv docm dotm dot dotx
xlsm xlsb xltm xlam xlt xltx pptm potm ppsm ppsx pot potx msg eml
"""
_MEANINGFUL = frozenset(ending for kind in KINDS for ending in kind.endings) | frozenset(_OTHER_ENDINGS.split())
"""Endings by which people and computers tell what a file is; anything else after a dot is part of the name."""


def fitting_name(typed: str, kind: FileKind) -> str:
    """Return a name as it is kept: NFC, visible, without folders, ending as the kind does, of at most 190 bytes.

    Pictures get the ending that they should have. Raises InvalidInput for a name that claims any other kind.
    """
    base = "".join("_" if char in '<>:"|?*' else char for char in normalise(typed.replace("\\", "/").split("/")[-1]))
    stem, dot, ending = base.rstrip(". ").rpartition(".")
    lower = ending.lower()
    if not dot or lower not in _MEANINGFUL:
        stem, lower = base.strip(". "), kind.endings[0]
    elif lower not in kind.endings:
        if not (kind.is_picture and lower in _PICTURE_ENDINGS):
            raise InvalidInput(
                _(
                    "The name of this file ends in “.%(claimed)s”, but it is really %(kind)s. If it is the right file, "
                    "change the end of its name to “.%(ending)s” and add it again."
                )
                % {"claimed": lower, "kind": kind.label, "ending": kind.endings[0]},
                code="lying_name",
                field="file",
            )
        lower = kind.endings[0]
    stem = stem.strip(". ") or str(_("file"))
    short = stem.encode()[: LONGEST_NAME - len(lower) - 1].decode(errors="ignore")
    return f"{short.strip()}.{lower}"
