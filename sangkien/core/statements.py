"""Statements that the database keeps ready: for the few that nearly every request runs and for the busiest action.

Taking a statement apart and planning it costs the database several times what running it does. Here its values go
beside it, so it is the same text every time, and a connection that has run it a few times keeps it prepared, unless
the connection's ``prepare_threshold`` is None. Everything else asks Django's way.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorWrapper
from psycopg.types.numeric import Int8Dumper


class _Prepared:
    """To these cursors every whole number is a bigint: otherwise its size would make it another statement."""

    def __init__(self, line: psycopg.Connection[Any]) -> None:
        super().__init__(line)  # type: ignore[call-arg]  # a cursor comes next
        self.adapters.register_dumper(int, Int8Dumper)  # type: ignore[attr-defined]


class _Cursor(_Prepared, psycopg.Cursor[Any]):
    """Values are named in the statement as ``%(name)s``."""


class _NumberedCursor(_Prepared, psycopg.RawCursor[Any]):
    """Values stand in the statement as ``$1``."""


def prepared_cursor() -> CursorWrapper:
    """Return a cursor like ``connection.cursor()``, for one statement that is kept prepared."""
    return _wrapped(_Cursor)


def numbered_cursor() -> CursorWrapper:
    """Return one whose statement has ``$1`` in place of ``%s``: it may be long, the driver does not read it."""
    return _wrapped(_NumberedCursor)


def _wrapped(kind: type[_Cursor] | type[_NumberedCursor]) -> CursorWrapper:
    """Return Django's cursor around one of ours; connects if need be, as Django does."""
    connection = connections[DEFAULT_DB_ALIAS]
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor: CursorWrapper = connection._prepare_cursor(kind(connection.connection))  # type: ignore[attr-defined]
    return cursor
