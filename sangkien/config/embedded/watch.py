"""The watcher: waits for the last client of an embedded PostgreSQL to go, then stops the server.

A program of its own, run by path with nothing but the standard library so that it stays small:
``python watch.py LOCK SECONDS`` inside ``<data_dir>/postgres``, where LOCK is an inherited descriptor that
holds ``watcher.lock``, and SECONDS how long the server stays after its last client.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import sys
import time

STOP_SECONDS = 300.0
_POLL_SECONDS = 0.02


def watch(own_lock: int, linger_seconds: float) -> None:
    """Wait, stop the server, and return; the working directory is the home of the server."""
    clients = os.open("clients.lock", os.O_RDWR | os.O_NOFOLLOW)
    start = os.open("start.lock", os.O_RDWR | os.O_NOFOLLOW)
    while True:
        fcntl.flock(clients, fcntl.LOCK_EX)
        fcntl.flock(clients, fcntl.LOCK_UN)
        time.sleep(linger_seconds)
        fcntl.flock(start, fcntl.LOCK_EX)
        if _nobody_uses(clients):
            break
        fcntl.flock(start, fcntl.LOCK_UN)
    stop_server(STOP_SECONDS)
    # First this one: who takes start.lock next must see that it needs a new watcher.
    os.close(own_lock)
    os.close(start)


def stop_server(seconds: float) -> None:
    """End the server in the working directory, also one that is still starting, with all that it has written.

    After ``seconds`` it is made to stop at once; the next start then recovers.
    """
    asked: tuple[int, int] | None = None
    socket_directory = ""
    deadline = time.monotonic() + seconds
    while _server_lives() and time.monotonic() < deadline + 10:
        number, directory = _postmaster()
        socket_directory = directory or socket_directory
        wanted = signal.SIGINT if time.monotonic() < deadline else signal.SIGQUIT
        if number and asked != (number, wanted):
            os.kill(number, wanted)
            asked = (number, wanted)
        time.sleep(_POLL_SECONDS)
    if socket_directory and not _server_lives():
        with contextlib.suppress(OSError):  # gone already, or not empty: a start clears it
            os.rmdir(socket_directory)


def _nobody_uses(clients: int) -> bool:
    try:
        fcntl.flock(clients, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _server_lives() -> bool:
    """Whether a process of the server holds its lock. If the home is gone, there is nothing to stop."""
    try:
        lock = os.open("server.lock", os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _postmaster() -> tuple[int, str]:
    """The number of the server's first process and its socket directory; 0 and "" when not known."""
    try:
        with open("data/postmaster.pid", encoding="utf-8") as file:
            lines = file.read().splitlines()
        number = int(lines[0])
    except (OSError, ValueError, IndexError):
        return 0, ""
    return (number if _stands_in_cluster(number) else 0), (lines[4] if len(lines) > 4 else "")


def _stands_in_cluster(number: int) -> bool:
    """Whether process ``number`` works in our cluster: a number left by a dead server may be anybody's."""
    if not os.path.exists("/proc/self/cwd"):
        return True  # no way to tell, but the lock says that the server lives
    try:
        return os.path.samefile(f"/proc/{number}/cwd", "data")
    except OSError:
        return False


if __name__ == "__main__":
    watch(int(sys.argv[1]), float(sys.argv[2]))
