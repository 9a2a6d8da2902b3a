"""Aligned columns of plain text, as a terminal shows them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

GAP = "  "
FULL, EMPTY = "█", "░"
_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and whether it holds figures (then it is set flush right)."""

    heading: str
    is_figure: bool = False


def width(text: str) -> int:
    """Return how many places of a terminal ``text`` takes: combining marks take none, wide characters two."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def padded(text: str, places: int, *, right: bool = False) -> str:
    """Return ``text`` filled up with spaces to ``places``, on the left if it is to stand ``right``."""
    fill = " " * max(0, places - width(text))
    return fill + text if right else text + fill


def cut(text: str, places: int) -> str:
    """Return ``text`` in at most ``places`` places, with "…" where something was left out."""
    if width(text) <= places:
        return text
    kept = text
    while kept and width(kept) > places - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def table(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], total: Sequence[str] | None = None, *, most: int = 100
) -> list[str]:
    """Return the lines of a table: headings, a rule, the rows, and under a second rule the ``total``.

    No line takes more than ``most`` places as long as the columns before the last leave room: that one is cut to fit.
    """
    everything = [[column.heading for column in columns], *rows, *([total] if total else [])]
    places = [max(width(row[n]) for row in everything) for n in range(len(columns))]
    gaps = len(GAP) * (len(places) - 1)
    places[-1] = min(places[-1], max(1, most - gaps - sum(places[:-1])))
    rule = "─" * (sum(places) + gaps)

    def line(cells: Sequence[str]) -> str:
        return GAP.join(
            padded(cut(cell, place), place, right=column.is_figure)
            for cell, place, column in zip(cells, places, columns, strict=True)
        ).rstrip()

    lines = [line(everything[0]), rule, *(line(row) for row in rows)]
    return [*lines, rule, line(total)] if total else lines


def bar(part: int, whole: int, places: int) -> str:
    """Return ``part`` of ``whole`` as a bar of ``places``, exact to an eighth of a place, never more than full."""
    if whole <= 0:
        return EMPTY * places
    eighths = min(part * 8 * places // whole, 8 * places)
    full = FULL * (eighths // 8) + _EIGHTHS[eighths % 8]
    return full + EMPTY * (places - len(full))
