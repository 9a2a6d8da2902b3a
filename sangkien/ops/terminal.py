"""What long work shows on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

console = Console()


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show that something of unknown length is under way; says so in one line where there is no terminal."""
    if not console.is_terminal:
        console.print(what)
        yield
        return
    with console.status(what):
        yield


def progress_bar() -> Progress:
    """Return a bar for work of known length. On anything but a terminal it shows only its end."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=False,
    )
