"""Finding a unit by typing, among as many as the whole country has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from io import BytesIO
from itertools import pairwise

from django.db import connection

from bench.databases import scratch_empty
from bench.rows import Budget, Row, make_row
from bench.timing import beside_round_trip
from sangkien.core import clock
from sangkien.core.vietnamese import search_key
from sangkien.units.models import Unit
from sangkien.units.queries import search_units

COPIES = 6
"""The demo has a sixth of the country's 120,000 grassroots unions: so many of each."""
COMMONEST = 30
OFFERED = 8
WITHIN = Budget(25.0)
"""Half of the 50 ms that every query has: one in twenty takes longer than the figure."""

_TABLE = Unit._meta.db_table
_COLUMNS = ", ".join(f"{field.column}" for field in Unit._meta.concrete_fields)
_MULTIPLY = f"""
INSERT INTO {_TABLE} ({_COLUMNS})
SELECT {{columns}} FROM {_TABLE} u, generate_series(1, %(copies)s - 1) AS n,
       LATERAL (SELECT (u.id + n * (SELECT max(id) FROM {_TABLE}))::int AS new_id) AS made
 WHERE cardinality(u.path) = 4 ORDER BY n, u.id
"""
_MADE = {
    "id": "new_id",
    "code": "u.code || '-' || n",
    "path": "u.path[:3] || new_id",
    "today_path": "u.path[:3] || new_id",
    "search_key": "u.search_key || ' ' || n",
}


def unit_search() -> list[Row]:
    """Measure what is offered for the commonest words, pairs of words and their beginnings: they find the most.

    They are searched for in a scratch database, with the demo's units several times over.
    """
    names, units = list(Unit.objects.values_list("name_vi", flat=True)), _copied_out()
    with scratch_empty():
        _fill(units)
        today = clock.day_of(clock.now())
        queries = list(dict.fromkeys(_common_queries(names)))
        measured = beside_round_trip([partial(search_units, one, OFFERED, open_on=today) for one in queries])
    return [make_row("unit_search", measured.p95, "ms p95", budget=WITHIN, reference=measured.reference)]


def _common_queries(names: Sequence[str]) -> Iterator[str]:
    """Return what is typed most: the commonest words and pairs, as written, without diacritics, and begun."""
    words, pairs = Counter[str](), Counter[str]()
    for name in names:
        typed = name.lower().split()
        words.update(set(typed))
        pairs.update({" ".join(pair) for pair in pairwise(typed)})
    for text, _count in (*words.most_common(COMMONEST), *pairs.most_common(COMMONEST)):
        key = search_key(text)
        yield from (text, key, key[:2], key[:-1])


def _copied_out() -> BytesIO:
    """Return the units of the measured database as COPY writes them."""
    units = BytesIO()
    with connection.cursor() as cursor, cursor.copy(f"COPY {_TABLE} ({_COLUMNS}) TO STDOUT") as copy:
        for part in copy:
            units.write(part)
    return units


def _fill(units: BytesIO) -> None:
    """Put the units into the connected database, with copies of those of the lowest level beside them."""
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {_TABLE} ({_COLUMNS}) FROM STDIN") as copy:
            copy.write(units.getvalue())
        columns = ", ".join(_MADE.get(str(field.column), f"u.{field.column}") for field in Unit._meta.concrete_fields)
        cursor.execute(_MULTIPLY.format(columns=columns), {"copies": COPIES})
        cursor.execute(f"VACUUM ANALYZE {_TABLE}")
