"""The directory of the server's socket: short, because a socket's path may have 107 bytes, and private."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .errors import EmbeddedDatabaseError
from .home import SUPERUSER_ID, Home, make_private_directory

PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"
_LONGEST_PATH = 103  # bytes; the least of the systems we know, Linux allows 107


def make_socket_directory(home: Home) -> Path:
    """The private directory for the socket of ``home``, empty; the same name each time.

    Call it only while no server of ``home`` lives. Raises ``EmbeddedDatabaseError`` if no place will do, or
    if a directory of that name belongs to someone else.
    """
    troubles = []
    for place in _places():
        directory = place / _name(home)
        if len(os.fsencode(directory / SOCKET_NAME)) > _LONGEST_PATH:
            troubles.append(f"{place} has too long a path")
            continue
        try:
            make_private_directory(directory, home.account)
            _clear(directory)
        except EmbeddedDatabaseError:
            raise
        except OSError as error:
            troubles.append(f"{place}: {error.strerror}")
            continue
        return directory
    raise EmbeddedDatabaseError(
        f"No private directory could be made for the database socket ({'; '.join(troubles)}): "
        f"make /tmp a directory that everybody may write to, or set DATABASE_URL to a server of your own."
    )


def remove_socket_directory(home: Home) -> None:
    """Take away what a server that did not start leaves; not while a server of ``home`` lives."""
    for place in _places():
        with contextlib.suppress(OSError):
            (place / _name(home)).rmdir()


def _name(home: Home) -> str:
    """The same for the same home and user, and short."""
    return f"sangkien-{home.account.uid}-{hashlib.sha256(os.fsencode(home.root)).hexdigest()[:16]}"


def _places() -> Iterator[Path]:
    """Directories to try: only the superuser can write to /run, so nobody can be there first.

    An ordinary user's XDG_RUNTIME_DIR comes second: it is taken away at log-out, when a server may live on.
    """
    if os.geteuid() == SUPERUSER_ID:
        yield Path("/run")
    yield Path("/tmp")
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        yield Path(runtime)
    yield Path(tempfile.gettempdir())


def _clear(directory: Path) -> None:
    """Take away the socket that a killed server left, with its lock, which may name a living process."""
    for left in directory.glob(f"{SOCKET_NAME}*"):
        left.unlink()
