"""Where what happens now comes from: through which face, and from which address. The record takes it from here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import NamedTuple


class Face(StrEnum):
    """What somebody does something through."""

    WEB = "web"
    API = "api"
    COMMAND = "command"
    WORKER = "worker"


class Where(NamedTuple):
    """The face, empty where nobody has said, and the address (IPv4 or IPv6) if there is one."""

    face: Face | str = ""
    origin: str | None = None


_here: ContextVar[Where | None] = ContextVar("audit_where", default=None)
_of_process = Where()


@contextmanager
def where(face: Face, origin: str | None = None) -> Iterator[None]:
    """Say where everything inside comes from. It holds for this thread, and for this request of it, alone."""
    token = _here.set(Where(face, origin))
    try:
        yield
    finally:
        _here.reset(token)


def set_process(face: Face) -> None:
    """Say what this process is; it holds in all of its threads wherever ``where`` says nothing else."""
    global _of_process
    _of_process = Where(face)


def here() -> Where:
    """Return where what happens now comes from."""
    return _here.get() or _of_process
