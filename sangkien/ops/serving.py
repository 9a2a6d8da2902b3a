"""Serving with granian, with the worker beside it if wanted."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator

from django.core.management import call_command
from granian import Granian
from granian.constants import Interfaces

BLOCKING_THREADS = 4
"""Threads in each web process: each may hold a database connection."""


def prepare_static() -> None:
    """Collect static files under names that change with their content."""
    call_command("collectstatic", interactive=False, verbosity=0)


def port_is_free(address: str, port: int) -> bool:
    """Say whether nothing listens there yet."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def worker_process() -> Iterator[None]:
    """Run the worker in a process of its own for as long as the block lasts."""
    process = subprocess.Popen([sys.executable, "-m", "sangkien", "worker"])
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def serve(address: str, port: int, workers: int) -> None:
    """Serve until stopped; a web process that dies is replaced."""
    Granian(
        "sangkien.config.wsgi:application",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=BLOCKING_THREADS,
        respawn_failed_workers=True,
        log_access=False,
    ).serve()
