"""Serving with granian, with the worker beside it if wanted."""

from __future__ import annotations

import contextlib
import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

from django.core.management import call_command
from granian import Granian
from granian.constants import Interfaces

log = logging.getLogger("sangkien.serving")
STOPPING_SECONDS = 3
"""How long a web process may take to stop. One that gets Ctrl-C and its parent's word at once may never do so."""
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
    """Keep the worker running in a process of its own for as long as the block lasts; one that dies is replaced."""
    stopping = threading.Event()
    keeper = threading.Thread(target=_keep_worker, args=(stopping,), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        keeper.join()


def _keep_worker(stopping: threading.Event) -> None:
    """Start the worker, again whenever it has died, until told to stop; then stop it."""
    command = [sys.executable, "-m", "sangkien", "worker"]
    process = subprocess.Popen(command)
    while not stopping.wait(1.0):
        # Whatever its code: the web server may have collected it first, and then it reads 0.
        if process.poll() is not None:
            log.warning("the worker has ended and is started again")
            process = subprocess.Popen(command)
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
        workers_kill_timeout=STOPPING_SECONDS,
        log_access=False,
    ).serve()
