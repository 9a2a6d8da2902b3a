"""The few SQL questions that every figure comes from. ``queries`` turns their rows into answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from sangkien.core.clock import floor_day, floor_hour
from sangkien.tally import cells
from sangkien.tally.figures import FIGURE_NAMES, Counts
from sangkien.tally.models import CATEGORY_NUMBERS
from sangkien.units.models import Unit

ALL_CATEGORIES = ""
_NO_CHILD = "NULL::int"
_INSIDE = "AND e.union_id = %(union)s AND e.unit_path[{level}] = %(parent)s"
_CATEGORY_CODES = {number: code for code, number in CATEGORY_NUMBERS.items()}

_SUMS = ", ".join(f"sum({name})::bigint" for name in FIGURE_NAMES)

# The last running total of each key before each moment: one index probe each.
_RUNNING = f"""
SELECT asked.position, k.unit_id, k.phase_id, k.category, {_SUMS}
  FROM unnest(%(moments)s::timestamptz[]) WITH ORDINALITY asked (moment, position)
       CROSS JOIN (SELECT unit_id, phase_id, is_own, category
                     FROM unnest(%(units)s::int[]) unit_id, unnest(%(phases)s::int[]) phase_id,
                          unnest(ARRAY[true, false]) is_own, unnest(%(categories)s::smallint[]) category) k
       CROSS JOIN LATERAL (
           SELECT {cells.FIGURES} FROM tally_running_total r
            WHERE r.unit_id = k.unit_id AND r.phase_id = k.phase_id AND r.is_own = k.is_own AND r.category = k.category
              AND r.ends_at <= asked.moment
            ORDER BY r.ends_at DESC LIMIT 1) r
 GROUP BY 1, 2, 3, 4
"""

# The same for what is known now about what was submitted before each moment, in whole Vietnamese days.
_SUBMISSION_DAYS = f"""
SELECT asked.position, s.unit_id, s.phase_id, s.category, {_SUMS}
  FROM unnest(%(moments)s::timestamptz[]) WITH ORDINALITY asked (moment, position)
       JOIN tally_submission_day s ON s.day < {cells.vietnam_day("asked.moment")}
 WHERE s.unit_id = ANY(%(units)s) AND s.phase_id = ANY(%(phases)s) AND s.category = ANY(%(categories)s)
 GROUP BY 1, 2, 3, 4
"""


@dataclass(frozen=True, slots=True)
class _Part:
    """A question about the part of an hour or day that no running total holds yet.

    ``child`` is SQL for the unit directly below the parent that an event counts for (NULL: the parent itself),
    ``inside`` a condition on events, and ``floors`` where the part before each moment begins.
    """

    child: str
    inside: str
    floors: list[datetime]
    feeds_parent: bool
    feeds_children: bool


def _parts(parent: Unit, moments: Sequence[datetime], *, by_day: bool, with_children: bool) -> list[_Part]:
    """Return the questions to ask: one, or two where the parent is stored by the hour and its children by the day.

    ``by_day``: also the upper levels are stored by the day (cells (b)).
    """
    level = parent.level
    days = [floor_day(m) for m in moments]
    hours = days if by_day else [floor_hour(m) for m in moments]
    own, below = (hours if n <= cells.HOURLY_LEVELS else days for n in (level, level + 1))
    inside = ("", "AND e.union_id = %(parent)s")[level - 1] if level <= 2 else _INSIDE.format(level=level)
    child = "e.union_id" if level == 1 else f"e.unit_path[{level + 1}]"
    if not with_children:
        return [_Part(_NO_CHILD, inside, own, feeds_parent=True, feeds_children=False)]
    if own == below:
        return [_Part(child, inside, own, feeds_parent=True, feeds_children=True)]
    return [
        _Part(_NO_CHILD, inside, own, feeds_parent=True, feeds_children=False),
        _Part(child, inside, below, feeds_parent=False, feeds_children=True),
    ]


def _part_sql(part: _Part, placed_by: str, extra: str, *, by_category: bool) -> str:
    """Return the SQL of a question. ``placed_by`` is the column that says when an event counts.

    A late event counts where it was counted, not where it happened: two short branches move it there.
    """
    category = "e.category" if by_category else f"'{ALL_CATEGORIES}'"

    def branch(source: str, moment: str, sign: str) -> str:
        figures = ", ".join(f"{sign}e.{name} AS {name}" for name in FIGURE_NAMES)
        return f"""
            SELECT {part.child} AS unit_id, e.phase_id, {category} AS category, {figures} FROM {source}
             WHERE {moment} >= asked.floor AND {moment} < asked.moment AND e.phase_id = ANY(%(phases)s)
                   {part.inside} {extra}"""

    late = "tally_late_event late JOIN initiatives_event e USING (initiative_id, number)"
    branches = [branch("initiatives_event e", f"e.{placed_by}", "")]
    if placed_by == "at":
        branches += [branch(late, "late.at", "-"), branch(late, "late.counted_at", "")]
    return f"""
    SELECT asked.position, part.unit_id, part.phase_id, part.category, {_SUMS}
      FROM unnest(%(moments)s::timestamptz[], %(floors)s::timestamptz[]) WITH ORDINALITY asked (moment, floor, position)
           CROSS JOIN LATERAL ({" UNION ALL ".join(branches)}) part
     GROUP BY 1, 2, 3, 4
    """


_Row = tuple[int, int | None, int, Any, Counts]


class Totals:
    """Counts by (position of the moment, unit, phase, category); category "" is all four together."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int, int, str], Counts] = {}

    def add(self, position: int, unit_id: int, phase_id: int, category: str, counts: Counts) -> None:
        """Add to one cell."""
        key = (position, unit_id, phase_id, category)
        before = self._cells.get(key)
        self._cells[key] = counts if before is None else before + counts

    def of(self, position: int, unit_id: int, phase_ids: Sequence[int], category: str = ALL_CATEGORIES) -> Counts:
        """Return the counts of a unit with everything below it, over these phases."""
        cells = [self._cells.get((position, unit_id, phase, category)) for phase in phase_ids]
        found = [counts for counts in cells if counts is not None]
        return found[0] if len(found) == 1 else sum(found, Counts())


def totals(
    parent: Unit,
    children: Sequence[int],
    phase_ids: Sequence[int],
    moments: Sequence[datetime],
    *,
    categories: Sequence[str] = (ALL_CATEGORIES,),
    known_until: datetime | None = None,
) -> Totals:
    """Return the figures of ``parent`` and of ``children`` (ids of units directly below it) before each moment.

    With ``known_until``: what is known at that moment about what was submitted before each moment; without: what was
    known at each. Two queries, or three for a union with its children; their number does not depend on the units.
    """
    gathered = Totals()
    wanted = set(categories)
    common = {
        "phases": list(phase_ids),
        "moments": list(moments),
        "parent": parent.pk,
        "union": parent.path[1] if parent.level > 1 else None,
        "known_until": known_until,
    }
    stored = _RUNNING if known_until is None else _SUBMISSION_DAYS
    for position, unit_id, phase_id, category, counts in _rows(
        stored, common | {"units": [parent.pk, *children], "categories": [CATEGORY_NUMBERS[c] for c in categories]}
    ):
        assert unit_id is not None
        gathered.add(position, unit_id, phase_id, _CATEGORY_CODES[category], counts)
    placed_by, extra = ("at", "") if known_until is None else ("submitted_at", "AND e.at < %(known_until)s")
    known_children = set(children)
    by_category = wanted != {ALL_CATEGORIES}
    for part in _parts(parent, moments, by_day=known_until is not None, with_children=bool(children)):
        for position, child, phase_id, category, counts in _rows(
            _part_sql(part, placed_by, extra, by_category=by_category), common | {"floors": part.floors}
        ):
            units = [parent.pk] if part.feeds_parent else []
            if part.feeds_children and child in known_children:
                units.append(child)
            for unit_id in units:
                for cell in wanted & {ALL_CATEGORIES, category}:
                    gathered.add(position, unit_id, phase_id, cell, counts)
    return gathered


def _rows(sql: str, parameters: dict[str, Any]) -> list[_Row]:
    """Run one question; positions count from 0."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [(row[0] - 1, row[1], row[2], row[3], Counts(*row[4:])) for row in cursor.fetchall()]


_FIRST_AT_LEAST = """
SELECT min(ends_at) FROM (
    SELECT ends_at, sum(added) OVER (ORDER BY ends_at) AS total FROM (
        SELECT ends_at, submitted - lag(submitted, 1, 0::bigint) OVER (PARTITION BY is_own ORDER BY ends_at) AS added
          FROM tally_running_total
         WHERE unit_id = %(unit)s AND phase_id = %(phase)s AND category = 0 AND ends_at <= %(moment)s) steps) totals
 WHERE total >= %(count)s
"""


def first_reached(unit_id: int, phase_id: int, count: int, moment: datetime) -> datetime | None:
    """Return the end of the hour (day, below the unions) before ``moment`` in which a phase's count reached ``count``.

    None if no whole hour or day before ``moment`` shows it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_AT_LEAST, {"unit": unit_id, "phase": phase_id, "moment": moment, "count": count})
        reached: datetime | None = cursor.fetchone()[0]
    return reached


_DAY_ENDS = f"""
SELECT DISTINCT ON (phase_id, is_own, day) day, phase_id, is_own, submitted, valid
  FROM (SELECT *, {cells.vietnam_day("ends_at - interval '1 microsecond'")} AS day FROM tally_running_total
         WHERE unit_id = %(unit)s AND phase_id = ANY(%(phases)s) AND category = 0 AND ends_at <= %(moment)s) r
 ORDER BY phase_id, is_own, day, ends_at DESC
"""


def day_ends(unit_id: int, phase_ids: Sequence[int], moment: datetime) -> list[tuple[date, tuple[int, bool], int, int]]:
    """Return (day, (phase, is own), submitted, valid): each running total at the end of each day on which it moved."""
    with connection.cursor() as cursor:
        cursor.execute(_DAY_ENDS, {"unit": unit_id, "phases": list(phase_ids), "moment": moment})
        return [(row[0], (row[1], row[2]), row[3], row[4]) for row in cursor.fetchall()]


_FIELDS = f"""
SELECT field_id, sum(submitted)::bigint FROM (
    SELECT field_id, submitted FROM tally_field_day
     WHERE day < {cells.vietnam_day("%(moment)s::timestamptz")} AND phase_id = ANY(%(phases)s) {{stored}}
    UNION ALL
    SELECT e.field_id, e.submitted FROM initiatives_event e
     WHERE e.at >= %(floor)s AND e.at < %(moment)s AND e.phase_id = ANY(%(phases)s) {{part}}
    UNION ALL
    SELECT e.field_id, -e.submitted FROM tally_late_event late JOIN initiatives_event e USING (initiative_id, number)
     WHERE late.at >= %(floor)s AND late.at < %(moment)s AND e.phase_id = ANY(%(phases)s) {{part}}
    UNION ALL
    SELECT e.field_id, e.submitted FROM tally_late_event late JOIN initiatives_event e USING (initiative_id, number)
     WHERE late.counted_at >= %(floor)s AND late.counted_at < %(moment)s AND e.phase_id = ANY(%(phases)s) {{part}}) f
 GROUP BY 1 HAVING sum(submitted) <> 0 ORDER BY 2 DESC, 1
"""


def field_totals(unit: Unit, phase_ids: Sequence[int], moment: datetime) -> list[tuple[int, int]]:
    """Return (field, submitted) before ``moment``, most first, for the confederation or a union directly under it."""
    stored = part = ""
    if unit.level > 1:
        stored, part = "AND union_id = %(unit)s", "AND e.union_id = %(unit)s"
    parameters: dict[str, Any] = {
        "unit": unit.pk,
        "phases": list(phase_ids),
        "moment": moment,
        "floor": floor_day(moment),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIELDS.format(stored=stored, part=part), parameters)
        return [(row[0], row[1]) for row in cursor.fetchall()]
