"""Writing new rows of several tables in one round trip to the database: what a submission consists of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final, NamedTuple

from django.db import connection, models
from django.db.models import Model

# Fields whose values the driver writes as they are; Django's preparation of them is a good part of a submission's time.
_AS_THEY_ARE: Final = frozenset(
    {
        models.BigAutoField,
        models.BigIntegerField,
        models.BooleanField,
        models.CharField,
        models.DateField,
        models.DateTimeField,
        models.ForeignKey,
        models.IntegerField,
        models.SmallIntegerField,
        models.TextField,
    }
)


class _Insertion(NamedTuple):
    """The INSERT of one table, up to its VALUES; the place of one row; its attributes, each with its preparation."""

    into: str
    place: str
    values: list[tuple[str, Callable[[Any, Any], Any] | None]]


def insert_together(rows: Iterable[Model]) -> None:
    """Insert new rows, whose keys are known, in the order given.

    For the busiest action only: it does what ``save`` does, but sends no signals and asks the database once. Several
    statements at once need psycopg's binding on the client's side, which is Django's default.
    """
    sql, before = "", None
    with connection.cursor() as cursor:
        for row in rows:
            table = _insertion(type(row))
            values = [
                getattr(row, name) if prepared is None else prepared(getattr(row, name), connection)
                for name, prepared in table.values
            ]
            # Rows of one table beside each other are one statement. Each is bound by itself: the driver keeps what it
            # has made of a short template, and would take a long one apart anew every time.
            sql += ", " if before is table else f";\n{table.into}"
            sql += cursor.mogrify(table.place, values)
            before = table
            row._state.adding, row._state.db = False, connection.alias
        cursor.execute(sql.removeprefix(";\n"))


@cache
def _insertion(model: type[Model]) -> _Insertion:
    """Return how rows of this table are inserted."""
    fields = [field for field in model._meta.concrete_fields if field.column]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return _Insertion(
        f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ',
        f"({', '.join(['%s'] * len(fields))})",
        [(f.attname, None if type(f) in _AS_THEY_ARE else f.get_db_prep_save) for f in fields],
    )
