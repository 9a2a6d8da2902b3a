"""Making all cells and ordinals again from events, and showing that what is stored is what events say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from sangkien.tally import cells
from sangkien.tally.fold import lock_publication

# How each derived table is made from events. The order is that of a person reading a difference.
_SELECTS = {
    "tally_running_total": (
        f"{cells.RUNNING_KEY}, {cells.FIGURES}",
        cells.running_totals(cells.running_deltas("counted")),
    ),
    "tally_submission_day": (f"{cells.SUBMISSION_KEY}, {cells.FIGURES}", cells.submission_days("counted")),
    "tally_field_day": (f"{cells.FIELD_KEY}, {cells.FIGURES}", cells.field_days("counted")),
}
_ORDINAL_COLUMNS = "programme_id, ordinal, initiative_id, at"
_ORDINALS = """
SELECT programme_id, row_number() OVER (PARTITION BY programme_id ORDER BY counted_at, is_late DESC, initiative_id),
       initiative_id, counted_at
  FROM counted WHERE is_first
"""
DERIVED_TABLES = (*_SELECTS, "tally_ordinal")


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is stored but should not be, or should be but is not."""

    table: str
    stored: bool
    row: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """What a recount found. ``rows`` is how many stored rows were compared; figures are as of ``as_of`` (UTC)."""

    as_of: datetime
    events: int
    rows: int
    differences: int
    examples: tuple[Difference, ...]

    @property
    def is_clean(self) -> bool:
        """Whether every figure is what events say."""
        return self.differences == 0


@transaction.atomic
def rebuild() -> datetime:
    """Make every cell and ordinal again from the events before the published moment, which it returns.

    The new tables are made beside the old ones, which readers go on reading, and take their place at the end. Figures
    as of any moment come out the same.
    """
    publication = lock_publication()
    with connection.cursor() as cursor:
        _allow_memory(cursor)
        for table, (columns, select) in _selects().items():
            _make_beside(cursor, table, columns, select, publication.as_of)
        for table in DERIVED_TABLES:
            _take_place(cursor, table)
        cursor.execute("UPDATE tally_publication SET generation = generation + 1")
    return publication.as_of


def _make_beside(cursor: CursorWrapper, table: str, columns: str, select: str, as_of: datetime) -> None:
    """Make ``table`` again under another name, and its indexes once it is full."""
    cursor.execute(f"CREATE TABLE {table}_new (LIKE {table} INCLUDING DEFAULTS)")
    cursor.execute(f"INSERT INTO {table}_new ({columns}) {select}", {"as_of": as_of})
    for name, definition in _constraints(cursor, table):
        cursor.execute(f"ALTER TABLE {table}_new ADD CONSTRAINT {name}_new {definition}")
    cursor.execute(f"ANALYZE {table}_new")


def _take_place(cursor: CursorWrapper, table: str) -> None:
    """Put the new table in the place of the old one, with all its names."""
    names = [name for name, _definition in _constraints(cursor, table)]
    cursor.execute(f"DROP TABLE {table}")
    cursor.execute(f"ALTER TABLE {table}_new RENAME TO {table}")
    for name in names:
        cursor.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {name}_new TO {name}")


def _constraints(cursor: CursorWrapper, table: str) -> list[tuple[str, str]]:
    """Return the names and definitions of a table's keys."""
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype IN ('p', 'u') ORDER BY contype",
        [table],
    )
    return list(cursor.fetchall())


@transaction.atomic
def verify(examples: int = 10) -> Verification:
    """Recount everything from events and compare row by row. The fold waits meanwhile; readers and writers do not."""
    publication = lock_publication()
    differences: list[Difference] = []
    total = rows = 0
    with connection.cursor() as cursor:
        _allow_memory(cursor)
        cursor.execute(f"SELECT count(*) FROM ({cells.COUNTED}) counted", {"as_of": publication.as_of})
        events: int = cursor.fetchone()[0]
        for table, (columns, select) in _selects().items():
            cursor.execute(f"CREATE TEMP TABLE recount ON COMMIT DROP AS {select}", {"as_of": publication.as_of})
            stored, wrong, found = _compare(cursor, table, columns, cursor.rowcount, examples - len(differences))
            rows, total, differences = rows + stored, total + wrong, differences + found
            cursor.execute("DROP TABLE recount")
    return Verification(publication.as_of, events, rows, total, tuple(differences))


def _compare(
    cursor: CursorWrapper, table: str, columns: str, recounted: int, examples: int
) -> tuple[int, int, list[Difference]]:
    """Return how many rows ``table`` stores, how many rows differ from ``recount``, and some of those."""
    cursor.execute(f"SELECT count(*) FROM {table}")
    stored: int = cursor.fetchone()[0]
    stored_rows = f"SELECT {columns} FROM {table}"
    missing, found = _rows_of(cursor, table, f"TABLE recount EXCEPT ALL {stored_rows}", examples, stored=False)
    extra = stored - (recounted - missing)  # what is stored beyond the rows that both have
    if extra:
        _extra, more = _rows_of(
            cursor, table, f"{stored_rows} EXCEPT ALL TABLE recount", examples - len(found), stored=True
        )
        found += more
    return stored, missing + extra, found


def _rows_of(
    cursor: CursorWrapper, table: str, select: str, examples: int, *, stored: bool
) -> tuple[int, list[Difference]]:
    """Return how many rows a comparison gives, and at most ``examples`` of them."""
    cursor.execute(f"CREATE TEMP TABLE difference ON COMMIT DROP AS {select}")
    count = cursor.rowcount
    cursor.execute("SELECT * FROM difference LIMIT %s", [max(0, examples)])
    found = [Difference(table, stored, tuple(row)) for row in cursor.fetchall()]
    cursor.execute("DROP TABLE difference")
    return count, found


def _allow_memory(cursor: CursorWrapper) -> None:
    """Give the current transaction the memory to count a million initiatives without going to disk."""
    cursor.execute("SET LOCAL work_mem = '192MB'")
    cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")


def _selects() -> dict[str, tuple[str, str]]:
    """Return, for each derived table, its columns and the SELECT that makes its rows from events.

    Events are read anew wherever a SELECT names them twice, which is quicker than keeping a million of them aside.
    """
    selects = {**_SELECTS, "tally_ordinal": (_ORDINAL_COLUMNS, _ORDINALS)}
    return {
        table: (columns, f"WITH counted AS NOT MATERIALIZED ({cells.COUNTED}) {select}")
        for table, (columns, select) in selects.items()
    }
