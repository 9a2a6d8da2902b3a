"""Where one embedded PostgreSQL lives, and as which user of the system it runs."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from .errors import EmbeddedDatabaseError

SUPERUSER_ID = 0
_PREFERRED_ACCOUNTS = ("postgres", "nobody")

# Nothing of ours reaches the server: no PG* variables, no language of the person who typed the command.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


class _Switch(TypedDict, total=False):
    user: int
    group: int
    extra_groups: Sequence[int]


@dataclass(frozen=True)
class Account:
    """The user of the system that the server runs as; ``switch`` when the superuser has to become it."""

    uid: int
    gid: int
    switch: bool

    @property
    def owner(self) -> tuple[int, int] | None:
        """(user, group) to give new files to, or None when they are the right ones already."""
        return (self.uid, self.gid) if self.switch else None

    def as_it(self) -> _Switch:
        """Arguments that make ``subprocess`` start a program as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}


@dataclass(frozen=True)
class Home:
    """The files of one embedded PostgreSQL: ``root`` is ``<data_dir>/postgres``, absolute."""

    root: Path
    account: Account

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.root / "data"

    @property
    def unfinished(self) -> Path:
        """Where a new cluster is made, so that ``cluster`` is whole or absent."""
        return self.root / "data.new"

    @property
    def log(self) -> Path:
        """What the server says; begun afresh at every start."""
        return self.root / "server.log"

    @property
    def start_lock(self) -> Path:
        """Held alone by whoever decides to start or to stop the server."""
        return self.root / "start.lock"

    @property
    def clients_lock(self) -> Path:
        """Shared by every process that uses the server, for as long as it lives."""
        return self.root / "clients.lock"

    @property
    def server_lock(self) -> Path:
        """Held by the server's processes, for as long as any of them lives."""
        return self.root / "server.lock"

    @property
    def watcher_lock(self) -> Path:
        """Held by the process that stops the server after its last client."""
        return self.root / "watcher.lock"

    def name_for_server(self, directory: Path) -> str:
        """What a program of PostgreSQL that was started inside ``directory`` may call it.

        The superuser's directories are often closed to the account that the server runs as, by a parent that
        is not ours to open. But every process may reach the directory it stands in.
        """
        return "/proc/self/cwd" if self.account.switch else str(directory)


def find_home(data_dir: Path) -> Home:
    """The embedded PostgreSQL of ``data_dir``; nothing is made.

    For the superuser, whom PostgreSQL refuses, the server runs as the owner of ``<data_dir>/postgres``, or
    else as ``postgres`` or ``nobody``. Raises ``EmbeddedDatabaseError`` if the system has neither.
    """
    root = data_dir.expanduser().resolve() / "postgres"
    if os.geteuid() != SUPERUSER_ID:
        return Home(root, Account(os.geteuid(), os.getegid(), switch=False))
    if root.exists() and root.stat().st_uid != SUPERUSER_ID:
        status = root.stat()
        return Home(root, Account(status.st_uid, status.st_gid, switch=True))
    for name in _PREFERRED_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Home(root, Account(entry.pw_uid, entry.pw_gid, switch=True))
    raise EmbeddedDatabaseError(
        "PostgreSQL refuses to run as root, and this system has no user “postgres” or “nobody” for it: "
        "run this program as an ordinary user, or set DATABASE_URL to a PostgreSQL server of your own."
    )


def make_private_directory(path: Path, account: Account) -> None:
    """Make ``path``, or take the one that is there, for ``account`` alone; parents keep their modes.

    Raises ``OSError``, and ``EmbeddedDatabaseError`` if it is there and belongs to someone else.
    """
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        status = path.lstat()
        if not path.is_dir() or path.is_symlink():
            raise
        if status.st_uid not in {account.uid, os.geteuid()}:
            raise EmbeddedDatabaseError(
                f"The directory {path} belongs to another user (number {status.st_uid}): "
                f"run this program as that user, or move the directory away."
            ) from None
    if account.owner:
        os.chown(path, *account.owner, follow_symlinks=False)
    if path.stat().st_mode & 0o7777 != 0o700:
        path.chmod(0o700)


def run_to_end(
    home: Home, command: Sequence[str], directory: Path, keep: Iterable[int] = ()
) -> subprocess.CompletedProcess[str]:
    """Run ``command`` inside ``directory`` as the server's account, with the descriptors ``keep``."""
    return subprocess.run(
        command,
        cwd=directory,
        env=_ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        pass_fds=tuple(keep),
        start_new_session=True,
        check=False,
        **home.account.as_it(),
    )


def leave_running(
    command: Sequence[str], directory: Path, output: int, keep: Iterable[int], switch: _Switch | None = None
) -> None:
    """Start ``command`` inside ``directory`` as nobody's child, so that it outlives us and leaves no zombie.

    It has a session of its own (no terminal can interrupt it) and the descriptors ``keep``; what it prints
    goes to the descriptor ``output``. Raises ``OSError`` and ``subprocess.CalledProcessError``.
    """
    subprocess.run(
        ["/bin/sh", "-c", '"$@" &', "sh", *command],
        cwd=directory,
        env=_ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=tuple(keep),
        start_new_session=True,
        umask=0o077,
        check=True,
        **(switch or {}),
    )
