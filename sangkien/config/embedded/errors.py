"""The one error of the embedded PostgreSQL, and how the system's errors become sentences."""

from __future__ import annotations

import errno
from pathlib import Path

from django.db.utils import OperationalError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_DIRECTORY = {errno.EEXIST, errno.ENOTDIR, errno.ELOOP}


class EmbeddedDatabaseError(OperationalError):
    """The embedded PostgreSQL cannot be used; the text is one sentence that says what to do next.

    It is an ``OperationalError``, so whatever copes with a database that is away copes with this one too.
    """


def from_system_error(error: Exception, place: Path) -> EmbeddedDatabaseError:
    """The sentence for ``error`` of the operating system, met while working in ``place``."""
    number = error.errno if isinstance(error, OSError) else None
    named = error.filename if isinstance(error, OSError) else None
    where = named if isinstance(named, str) else str(place)
    if number in _FULL:
        return disk_full(place)
    if number in _REFUSED:
        return EmbeddedDatabaseError(
            f"The database directory cannot be used because {where} may not be changed by this user: "
            f"give this user that directory, or set SANGKIEN_DATA to a directory it owns."
        )
    if number in _NO_DIRECTORY:
        return EmbeddedDatabaseError(
            f"The database directory cannot be made because {where} is not a directory: "
            f"move it away, or set SANGKIEN_DATA to another directory."
        )
    return EmbeddedDatabaseError(
        f"The embedded PostgreSQL in {place} cannot be used ({error}): "
        f"mend that, or set DATABASE_URL to a PostgreSQL server of your own."
    )


def disk_full(place: Path) -> EmbeddedDatabaseError:
    """The sentence for a full disk or an exhausted quota under ``place``."""
    return EmbeddedDatabaseError(
        f"The disk that holds {place} is full: free some space on it, or set SANGKIEN_DATA to a larger one."
    )


def not_started(said: str, log: Path) -> EmbeddedDatabaseError:
    """The sentence for a server that did not start; ``said`` is the line of its log that tells most."""
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return disk_full(log.parent)
    return EmbeddedDatabaseError(
        f"The embedded PostgreSQL did not start, it said “{said}”: mend that (its log is {log}), "
        f"or set DATABASE_URL to a PostgreSQL server of your own."
    )
