"""Writing many rows with COPY, PostgreSQL's quickest way in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection

NULL = "\\N"


def copy_line(values: Sequence[object]) -> str:
    """Return one line of COPY's text format; None is NULL, a bool ``t`` or ``f``, a list of numbers an array."""
    line = "\t".join([NULL if v is None else v if type(v) is str else _text(v) for v in values])
    if line.count("\\") != values.count(None) or "\n" in line or "\r" in line or line.count("\t") != len(values) - 1:
        line = "\t".join([NULL if v is None else escape(_text(v)) for v in values])
    return line + "\n"


def escape(text: str) -> str:
    """Escape what COPY's text format gives a meaning."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def copy_in(table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Copy lines in COPY's text format into a table, in the current transaction."""
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        copy.write("".join(lines))


def _text(value: object) -> str:
    """Return a value as PostgreSQL reads it."""
    if value is True:
        return "t"
    if value is False:
        return "f"
    if isinstance(value, (list, tuple)):
        return "{" + ",".join(_element(v) for v in value) + "}"
    return str(value)


def _element(value: object) -> str:
    """Return an element of an array: texts in quotes."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
