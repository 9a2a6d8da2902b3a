"""How many files an initiative may have and how large they may be."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput

MEGABYTE = 1024 * 1024
CHUNK = 64 * 1024
"""Bytes that are held in memory at a time."""


@dataclass(frozen=True, slots=True)
class Limits:
    """At most ``files`` files, each of at most ``file_bytes``, together at most ``total_bytes``."""

    files: int = 5
    file_bytes: int = 20 * MEGABYTE
    total_bytes: int = 50 * MEGABYTE

    @property
    def day_bytes(self) -> int:
        """How much one person may add in a day, what they take away again included: ten initiatives full of files."""
        return 10 * self.total_bytes

    def check_size(self, size: int) -> None:
        """Raise InvalidInput for a file of ``size`` bytes that is too large by itself."""
        if size > self.file_bytes:
            raise InvalidInput(
                _("This file is too large: a file may have %(limit)s MB at most.")
                % {"limit": self.file_bytes // MEGABYTE},
                code="file_too_large",
                field="file",
            )

    def check_room(self, count: int, total: int) -> None:
        """Raise InvalidInput unless one more file may join: ``count`` and ``total`` bytes are what it would be then."""
        if count > self.files:
            raise InvalidInput(
                _("There are %(limit)s files already, and that is as many as an initiative may have. Remove one first.")
                % {"limit": self.files},
                code="too_many_files",
                field="file",
            )
        if total > self.total_bytes:
            raise InvalidInput(
                _("With this file it would be more than %(limit)s MB in all. Remove a file or choose a smaller one.")
                % {"limit": self.total_bytes // MEGABYTE},
                code="files_too_large",
                field="file",
            )

    def check_day(self, added: int) -> None:
        """Raise InvalidInput if ``added`` bytes are more than one person may add in a day."""
        if added > self.day_bytes:
            raise InvalidInput(
                _("You have added %(limit)s MB of files today, which is as much as one person may. Go on tomorrow.")
                % {"limit": self.day_bytes // MEGABYTE},
                code="day_full",
                field="file",
            )


def limits_in_force() -> Limits:
    """Return the limits of this installation."""
    return Limits(**settings.ATTACHMENT_LIMITS)
