"""Making, starting and finding the server of a home. Stopping it is the watcher's, in ``watch.py``."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from psycopg import pq
from psycopg.conninfo import make_conninfo

from . import binaries, locks, tuning, watch
from .errors import EmbeddedDatabaseError, disk_full, not_started
from .home import Home, leave_running, make_private_directory, run_to_end
from .sockets import PORT, make_socket_directory, remove_socket_directory

SUPERUSER = "sangkien"

# A crash recovery replays up to max_wal_size; on a slow disk that takes minutes.
READY_SECONDS = 600.0
_POLL_SECONDS = 0.02

# How long the server stays after its last client: commands that follow one another need not start it anew.
LINGER_SECONDS = 2.0
_LARGEST_LOG = 16 * 1024 * 1024  # bytes

# ``--locale`` has to be given: without it the cluster would take the language of whoever starts it first.
_INITDB = (
    "--username=" + SUPERUSER,
    "--auth=trust",  # the private directory of the socket is the lock on the door
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--locale=C.UTF-8",
    "--no-instructions",
)


@dataclass(frozen=True)
class Running:
    """A server that answers; ``identity`` is the text of its postmaster.pid, unlike any other's."""

    socket_directory: str
    port: int
    identity: str


def lives(home: Home) -> bool:
    """Whether a process of the server is there, ready or not."""
    return locks.is_taken(home.server_lock)


def is_still(home: Home, running: Running) -> bool:
    """Whether the server is the one that ``running`` tells of, and has not begun to stop."""
    return _postmaster_text(home) == running.identity and lives(home)


def start_watcher(home: Home) -> None:
    """Start the process that stops the server after its last client, if none lives. Hold ``start_lock``."""
    lock = locks.open_lock(home.watcher_lock, home.account.owner)
    try:
        if locks.try_take(lock):
            command = [sys.executable, "-I", "-S", watch.__file__, str(lock), str(LINGER_SECONDS)]
            nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
            try:
                leave_running(command, home.root, nowhere, [lock])
            finally:
                os.close(nowhere)
    finally:
        os.close(lock)


def launch(home: Home) -> None:
    """Start a server that does not live, and make its cluster before if need be. Hold ``start_lock``.

    The server is not ready when this returns. Raises ``EmbeddedDatabaseError``, ``OSError``.
    """
    programs = binaries.usable(home)
    lock = locks.open_lock(home.server_lock, home.account.owner)
    try:
        locks.take(lock)
        _make_cluster(home, programs, lock)
        _refuse_other_version(home, programs)
        _clear_postmaster_file(home)
        _write_configuration(home)
        sockets = make_socket_directory(home)
        command = [programs.path("postgres"), "-D", home.name_for_server(home.cluster)]
        command += ["-p", str(PORT), "-k", str(sockets)]
        log = _begin_log(home)
        try:
            leave_running(command, home.cluster, log, [lock], home.account.as_it())
        finally:
            os.close(log)
    finally:
        os.close(lock)


def wait_until_ready(home: Home) -> Running | None:
    """The server of ``home`` once it answers, or None if it ended before.

    Raises ``EmbeddedDatabaseError`` if it does neither within ``READY_SECONDS``, or is out of reach.
    """
    deadline = time.monotonic() + READY_SECONDS
    unreachable_since: float | None = None
    while lives(home):
        running = _as_told(home)
        answer = _ping(running) if running else None
        if running and answer == pq.Ping.OK:
            return running
        now = time.monotonic()
        if running and answer == pq.Ping.NO_RESPONSE:
            unreachable_since = unreachable_since or now
            if now - unreachable_since > 10 and not Path(running.socket_directory).exists():
                raise _unreachable(home, running)
        if now > deadline:
            raise EmbeddedDatabaseError(
                f"The embedded PostgreSQL was not ready after {READY_SECONDS:.0f} seconds: "
                f"see {home.log}; if it is still recovering, wait and start again."
            )
        time.sleep(_POLL_SECONDS)
    return None


def failure(home: Home) -> EmbeddedDatabaseError:
    """Why the server that was just launched ended, from its log; takes away its socket directory."""
    if not lives(home):
        remove_socket_directory(home)
    try:
        lines = home.log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    return not_started(_telling(lines), home.log)


def shorten_log(home: Home) -> None:
    """Keep the log of a server that runs for months within bounds. Hold ``start_lock``."""
    if home.log.exists() and home.log.stat().st_size > _LARGEST_LOG:
        shutil.copyfile(home.log, _older_log(home), follow_symlinks=False)
        os.truncate(home.log, 0)  # the server appends, so it goes on at the new end


def _as_told(home: Home) -> Running | None:
    """What postmaster.pid tells of a server that says it is ready."""
    text = _postmaster_text(home)
    lines = text.splitlines()
    if len(lines) < 8 or lines[7].strip() != "ready":
        return None
    return Running(lines[4], int(lines[3]), text)


def _ping(running: Running) -> int:
    """How libpq finds the server: answering, starting, or not there."""
    target = make_conninfo(
        host=running.socket_directory,
        port=running.port,
        user=SUPERUSER,
        dbname="postgres",
        connect_timeout=10,
    )
    return pq.PGconn.ping(target.encode())


def _unreachable(home: Home, running: Running) -> EmbeddedDatabaseError:
    number = running.identity.split("\n", 1)[0]
    return EmbeddedDatabaseError(
        f"The embedded PostgreSQL of {home.root} runs as process {number}, but its socket directory "
        f"{running.socket_directory} cannot be seen from here: end that process with “kill -INT {number}”, "
        f"or start this program where the first one was started, with the same temporary directory."
    )


def _make_cluster(home: Home, programs: binaries.Programs, lock: int) -> None:
    """Make the cluster if there is none: beside its place, then by one renaming."""
    if home.cluster.exists():
        return
    if home.unfinished.exists():
        shutil.rmtree(home.unfinished)
    make_private_directory(home.unfinished, home.account)
    command = [programs.path("initdb"), "-D", home.name_for_server(home.unfinished), *_INITDB]
    done = run_to_end(home, command, home.unfinished, [lock])
    if done.returncode:
        shutil.rmtree(home.unfinished, ignore_errors=True)
        said = done.stderr.strip().splitlines() or [f"initdb ended with status {done.returncode}"]
        raise _not_made(home, said)
    home.unfinished.rename(home.cluster)


def _not_made(home: Home, said: list[str]) -> EmbeddedDatabaseError:
    text = " ".join(said)
    if "No space left on device" in text or "Disk quota exceeded" in text:
        return disk_full(home.root)
    if "could not look up effective user ID" in text:
        return EmbeddedDatabaseError(
            f"PostgreSQL cannot run as user number {home.account.uid} because the system has no name for it: "
            f"add that user to /etc/passwd, or set DATABASE_URL to a PostgreSQL server of your own."
        )
    return EmbeddedDatabaseError(
        f"The embedded PostgreSQL could not be set up in {home.root}, initdb said “{_telling(said)}”: "
        f"mend that, or set DATABASE_URL to a PostgreSQL server of your own."
    )


def _refuse_other_version(home: Home, programs: binaries.Programs) -> None:
    try:
        found = (home.cluster / "PG_VERSION").read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        raise EmbeddedDatabaseError(
            f"The directory {home.cluster} is not a PostgreSQL data directory, it has no PG_VERSION: "
            f"restore it from a backup, or move it away to begin with an empty database."
        ) from None
    if found != str(programs.major):
        raise EmbeddedDatabaseError(
            f"The database in {home.cluster} was made by PostgreSQL {found}, but this installation carries "
            f"PostgreSQL {programs.major}: dump it with the version that made it, move the directory away, "
            f"and load the dump."
        )


def _clear_postmaster_file(home: Home) -> None:
    """Take away what a killed server left: PostgreSQL would refuse to start if its number is in use again.

    Our servers are dead, or we should not hold their lock; but one that was started by hand has no such lock.
    """
    text = _postmaster_text(home)
    if not text:
        return
    number = text.split("\n", 1)[0].strip()
    if number.isdigit() and _works_in(int(number), home.cluster):
        raise EmbeddedDatabaseError(
            f"A PostgreSQL server that this program did not start (process {number}) uses {home.cluster}: "
            f"stop it with “kill -INT {number}” and start again."
        )
    (home.cluster / "postmaster.pid").unlink(missing_ok=True)


def _works_in(number: int, cluster: Path) -> bool:
    """Whether process ``number`` stands in ``cluster``, as PostgreSQL's processes do."""
    try:
        return os.path.samefile(f"/proc/{number}/cwd", cluster)
    except OSError:
        return False  # dead, or another user's; PostgreSQL's own checks come after ours


def _write_configuration(home: Home) -> None:
    """Put our settings in place of the file that initdb, or an older release of ours, wrote."""
    fresh = home.cluster / "postgresql.conf.new"
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        if home.account.owner:
            os.fchown(descriptor, *home.account.owner)
        file.write(tuning.configuration_file())
    fresh.replace(home.cluster / "postgresql.conf")


def _begin_log(home: Home) -> int:
    """Set the last log aside and open a new one; returns its descriptor."""
    if home.log.exists():
        home.log.replace(_older_log(home))
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(home.log, flags, 0o600)
    if home.account.owner:
        os.fchown(descriptor, *home.account.owner)
    return descriptor


def _older_log(home: Home) -> Path:
    return home.log.with_suffix(".log.1")


def _postmaster_text(home: Home) -> str:
    """The text of postmaster.pid, "" if there is none."""
    try:
        return (home.cluster / "postmaster.pid").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return ""


def _telling(lines: list[str]) -> str:
    """The line that says why: the last that is fatal, else the last error, else the last at all."""
    for word in ("PANIC:", "FATAL:", "error:", "ERROR:"):
        for line in reversed(lines):
            if word in line:
                return re.sub(r"^.*?\b" + word + r"\s*", "", line)
    return lines[-1] if lines else "nothing"
