"""Writing new rows of several tables in one round trip to the database: what a submission consists of."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import Field, Model


def insert_together(rows: Iterable[Model]) -> None:
    """Insert new rows, whose keys are known, in the order given; rows of one table beside each other are one statement.

    For the busiest action only: it does what ``save`` does, but sends no signals and asks the database once. Several
    statements at once need psycopg's binding on the client's side, which is Django's default.
    """
    statements: list[str] = []
    values: list[Any] = []
    for model, group in groupby(rows, key=type):
        fields, into, holder = _insertion(model)
        holders = []
        for row in group:
            values += [f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields]
            holders.append(holder)
            row._state.adding, row._state.db = False, connection.alias
        statements.append(into + ", ".join(holders))
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(statements), values)


@cache
def _insertion(model: type[Model]) -> tuple[list[Field[Any, Any]], str, str]:
    """Return the fields that a row of this table has, and the beginning of its INSERT, and the place of one row."""
    fields = [field for field in model._meta.concrete_fields if field.column]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return fields, f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ', f"({', '.join(['%s'] * len(fields))})"
