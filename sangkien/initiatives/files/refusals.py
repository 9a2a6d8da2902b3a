"""What people are told when a file cannot be taken: one sentence for each reason, always at the field ``file``."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput


def empty() -> InvalidInput:
    """A file without content."""
    return InvalidInput(_("This file is empty."), code="empty_file", field="file")


def other_kind(what: str | Promise) -> InvalidInput:
    """A file that is ``what`` and therefore cannot be added; says what can."""
    message = _(
        "This file is %(kind)s, which cannot be added. Add PDF files, pictures (JPEG, PNG, WebP) or Word, Excel, "
        "PowerPoint and OpenDocument files."
    )
    return InvalidInput(message % {"kind": what}, code="unaccepted_kind", field="file")


def damaged() -> InvalidInput:
    """A file that cannot be read to its end, or that contradicts itself."""
    return InvalidInput(
        _("This file is damaged or incomplete. Open it, save it again and add it once more."),
        code="damaged_file",
        field="file",
    )


def locked() -> InvalidInput:
    """A file that nobody can look into without its password."""
    return InvalidInput(
        _("This file is locked with a password. Save it without one and add it again."),
        code="locked_file",
        field="file",
    )


def with_macros() -> InvalidInput:
    """A document that carries programs."""
    return InvalidInput(
        _("This document contains macros. Save it without them, or as a PDF, and add it again."),
        code="macros",
        field="file",
    )


def bomb() -> InvalidInput:
    """A file that unpacks to far more than it is."""
    return InvalidInput(
        _("This file unpacks to far more than a document should. Save it as a PDF and add that."),
        code="unpacks_too_far",
        field="file",
    )


def picture_too_large(megapixels: int) -> InvalidInput:
    """A picture of more points than are taken apart here: at most ``megapixels`` million of them."""
    return InvalidInput(
        _("This picture has too many points: at most %(limit)s million. Make it smaller and add it again.")
        % {"limit": megapixels},
        code="picture_too_large",
        field="file",
    )


def infected(name: str) -> InvalidInput:
    """A file in which the virus scanner found ``name``."""
    return InvalidInput(
        _("The virus scanner found something in this file (%(name)s). It was not kept.") % {"name": name},
        code="infected",
        field="file",
    )


def unchecked() -> InvalidInput:
    """A file that the virus scanner could not look at."""
    return InvalidInput(
        _("This file could not be checked for viruses just now and was not kept. Try again in a few minutes."),
        code="not_checked",
        field="file",
    )


def unstored() -> InvalidInput:
    """A file for which the storage did not answer."""
    return InvalidInput(
        _("This file could not be stored just now. Try again in a few minutes."), code="not_stored", field="file"
    )
