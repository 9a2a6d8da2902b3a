"""Writing new rows of several tables in one round trip to the database: what a submission consists of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from itertools import groupby
from typing import Any, Final, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import Model

from sangkien.core.statements import numbered_cursor

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
    """The INSERT of one table, up to its VALUES; the attributes of a row, each with its preparation."""

    into: str
    values: list[tuple[str, Callable[[Any, Any], Any] | None]]


def insert_together(rows: Iterable[Model]) -> None:
    """Insert new rows, whose keys are known, in one statement.

    For the busiest action only: it does what ``save`` does, but sends no signals and asks the database once. Foreign
    keys between the rows are checked when the transaction commits, as Django makes them.
    """
    line = connections[DEFAULT_DB_ALIAS]
    tables: list[tuple[type[Model], int]] = []
    values: list[Any] = []
    for model, of_table in groupby(rows, type):
        together = list(of_table)
        for row in together:
            values += [
                getattr(row, name) if prepared is None else prepared(getattr(row, name), line)
                for name, prepared in _insertion(model).values
            ]
            row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
        tables.append((model, len(together)))
    with numbered_cursor() as cursor:
        cursor.execute(_statement(*tables), values)


@lru_cache(maxsize=64)
def _statement(*tables: tuple[type[Model], int]) -> str:
    """Return the statement that inserts so many rows into each of these tables, in this order."""
    inserts, number = [], 1
    for model, count in tables:
        into, values = _insertion(model)
        places = []
        for _row in range(count):
            places.append(f"({', '.join(f'${n}' for n in range(number, number + len(values)))})")
            number += len(values)
        inserts.append(into + ", ".join(places))
    *before, last = inserts
    named = ", ".join(f"insert{n} AS ({insert})" for n, insert in enumerate(before))
    return f"WITH {named} {last}" if before else last


@cache
def _insertion(model: type[Model]) -> _Insertion:
    """Return how rows of this table are inserted."""
    fields = [field for field in model._meta.concrete_fields if field.column]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return _Insertion(
        f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ',
        [(f.attname, None if type(f) in _AS_THEY_ARE else f.get_db_prep_save) for f in fields],
    )
