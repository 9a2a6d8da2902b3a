"""Questions for one row of a table, written out once instead of composed at each request.

Composing a small question costs several times what the database takes to answer it. This is for the few that nearly
every request asks and for those of the busiest action; everything else asks Django's way.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model

from sangkien.core.statements import prepared_cursor

Row = TypeVar("Row", bound=Model)


class Question(Generic[Row]):
    """A question for one row of ``model``, with every column; ``rest`` is the SQL that follows the table's name.

    The first column is the primary key, and no more than one row may answer.
    """

    def __init__(self, model: type[Row], rest: str) -> None:
        fields = model._meta.concrete_fields
        self.model = model
        self.names = [field.attname for field in fields]
        columns = ", ".join(f'"{field.column}"' for field in fields)
        self.sql = f"SELECT {columns} FROM {model._meta.db_table} {rest}"
        # What the database gives as another type than the model has: JSON as text.
        reads = ((at, getattr(field, "from_db_value", None)) for at, field in enumerate(fields))
        self.reads = [(at, read) for at, read in reads if read]

    def ask(self, **values: Any) -> Row | None:
        """Return the row, None if there is none. One statement."""
        with prepared_cursor() as cursor:
            cursor.execute(self.sql, values)
            return self.made_of(cursor.fetchone())

    def made_of(self, row: Sequence[Any] | None) -> Row | None:
        """Return what the database answered as an object of the model."""
        if row is None:
            return None
        values = list(row)
        for at, read in self.reads:
            values[at] = read(values[at], None, connection)
        return self.model.from_db(connection.alias, self.names, values)


def ask_together(questions: Sequence[Question[Any]], **values: Any) -> list[Any]:
    """Return a row or None for each question, in one statement; ``values`` are named in them as ``%(name)s``."""
    with prepared_cursor() as cursor:
        cursor.execute(_together(*questions), values)
        values_of_all = cursor.fetchone()
    rows, start = [], 0
    for question in questions:
        end = start + len(question.names)
        found = values_of_all[start] is not None
        rows.append(question.made_of(values_of_all[start:end] if found else None))
        start = end
    return rows


@cache
def _together(*questions: Question[Any]) -> str:
    """Return the statement that asks several questions: one row, with nothing in place of those without an answer."""
    columns = ", ".join(f"q{n}.*" for n in range(len(questions)))
    joins = (f"LEFT JOIN ({question.sql}) AS q{n} ON TRUE" for n, question in enumerate(questions))
    return "\n".join((f"SELECT {columns} FROM (SELECT) AS always", *joins))
