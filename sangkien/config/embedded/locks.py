"""File locks of the embedded PostgreSQL: the kernel drops them when their holders are gone, however that was.

A lock belongs to an open file, not to a process: whoever inherits the descriptor holds it too. The server and
the watcher are each started with the descriptor of a lock, so a held lock is proof that they live, and no
process number has to be trusted.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_SECONDS = 0.02


def open_lock(path: Path, owner: tuple[int, int] | None = None) -> int:
    """A close-on-exec descriptor of the lock file ``path``, which is made, for its owner only, if missing.

    ``owner`` is the (user, group) that a new file is given to. Raises ``OSError``.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if owner is not None and os.fstat(descriptor).st_uid != owner[0]:
        os.fchown(descriptor, *owner)
    return descriptor


def share(descriptor: int) -> None:
    """Hold the lock together with others; waits while someone holds it alone."""
    fcntl.flock(descriptor, fcntl.LOCK_SH)


def take(descriptor: int) -> None:
    """Hold the lock alone; waits for everyone else."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def try_take(descriptor: int) -> bool:
    """Hold the lock alone if nobody else has it; says whether it does."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_taken(path: Path) -> bool:
    """Whether someone holds the lock ``path`` alone; false if the file is missing."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        # Shared, so that two processes that ask at once do not take each other for the holder.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def taken(path: Path, owner: tuple[int, int] | None, seconds: float) -> Iterator[int]:
    """Hold the lock ``path`` alone while inside; yields its descriptor.

    Raises ``TimeoutError`` when it is not to be had within ``seconds``, and ``OSError``.
    """
    descriptor = open_lock(path, owner)
    try:
        deadline = time.monotonic() + seconds
        while not try_take(descriptor):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} has been locked for {seconds:.0f} seconds")
            time.sleep(_POLL_SECONDS)
        yield descriptor
    finally:
        os.close(descriptor)
