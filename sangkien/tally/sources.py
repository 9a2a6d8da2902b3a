"""The few SQL questions that every figure comes from. ``queries`` turns their rows into answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from sangkien.core.clock import floor_day, floor_hour
from sangkien.tally import cells
from sangkien.tally.figures import FIGURE_NAMES, Counts
from sangkien.tally.models import CATEGORY_NUMBERS
from sangkien.units.models import Unit
from sangkien.units.today import Source

ALL_CATEGORIES = ""
_NO_CHILD = "NULL::int"
_INSIDE = "AND e.union_id = %(union)s AND e.unit_path[{level}] = %(parent)s"
_UNIONS = "AND e.union_id = ANY(%(unions)s)"
_BELOW = "AND e.unit_path[{level}] = ANY(%(below)s)"
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

    ``child`` is SQL for the unit that an event counts for beside the parent (NULL: the parent alone), ``inside`` a
    condition on events, and ``floors`` where the part before each moment begins. ``feeds`` holds the units that it is
    asked for.
    """

    child: str
    inside: str
    floors: list[datetime]
    feeds_parent: bool
    feeds: frozenset[int] = frozenset()
    parameters: dict[str, Any] = field(default_factory=dict)


def _floors(moments: Sequence[datetime], *, by_day: bool) -> tuple[list[datetime], list[datetime]]:
    """Return where the part before each moment begins for the upper levels and for those below.

    ``by_day``: also the upper levels are stored by the day (cells (b)).
    """
    days = [floor_day(m) for m in moments]
    return days if by_day else [floor_hour(m) for m in moments], days


def _parts(parent: Unit, children: frozenset[int], moments: Sequence[datetime], *, by_day: bool) -> list[_Part]:
    """Return the questions to ask: one, or two where the parent is stored by the hour and its children by the day."""
    level = parent.level
    hours, days = _floors(moments, by_day=by_day)
    own, below = (hours if n <= cells.HOURLY_LEVELS else days for n in (level, level + 1))
    inside = ("", "AND e.union_id = %(parent)s")[level - 1] if level <= 2 else _INSIDE.format(level=level)
    child = "e.union_id" if level == 1 else f"e.unit_path[{level + 1}]"
    if not children:
        return [_Part(_NO_CHILD, inside, own, feeds_parent=True)]
    if own == below:
        return [_Part(child, inside, own, feeds_parent=True, feeds=children)]
    return [
        _Part(_NO_CHILD, inside, own, feeds_parent=True),
        _Part(child, inside, below, feeds_parent=False, feeds=children),
    ]


def _parts_elsewhere(paths: Mapping[int, Sequence[int]], moments: Sequence[datetime], *, by_day: bool) -> list[_Part]:
    """Return the questions to ask about units anywhere (their paths by id): one for each level that they stand at."""
    hours, days = _floors(moments, by_day=by_day)
    by_level: defaultdict[int, list[int]] = defaultdict(list)
    for pk, path in paths.items():
        by_level[len(path)].append(pk)
    parts = []
    for level, ids in by_level.items():
        asked: dict[str, Any] = {"unions": list({paths[pk][1] for pk in ids}), "below": ids}
        if level <= cells.HOURLY_LEVELS:
            parts.append(_Part("e.union_id", _UNIONS, hours, False, frozenset(ids), asked))
        else:
            inside = f"{_UNIONS} {_BELOW.format(level=level)}"
            parts.append(_Part(f"e.unit_path[{level}]", inside, days, False, frozenset(ids), asked))
    return parts


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

    def rolled(self, sources: Sequence[Source]) -> Totals:
        """Return the same under today's tree: what counts for other units now is added there, or taken away."""
        if not sources:
            return self
        places: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for source in sources:
            places[source.source_id].append((source.unit_id, source.sign))
        found = Totals()
        for (position, unit_id, phase_id, category), counts in self._cells.items():
            found.add(position, unit_id, phase_id, category, counts)
            for place, sign in places.get(unit_id, ()):
                found.add(position, place, phase_id, category, counts if sign > 0 else -counts)
        return found


def totals(
    parent: Unit,
    children: Sequence[int],
    phase_ids: Sequence[int],
    moments: Sequence[datetime],
    *,
    categories: Sequence[str] = (ALL_CATEGORIES,),
    known_until: datetime | None = None,
    also: Mapping[int, Sequence[int]] | None = None,
) -> Totals:
    """Return the figures of ``parent`` and of ``children`` (ids of units directly below it) before each moment.

    ``also``: and of these units anywhere in the tree, their paths by id. With ``known_until``: what is known at that
    moment about what was submitted before each moment; without: what was known at each. Two queries, or three for a
    union with its children, and one more for each level at which units elsewhere stand, however many there are.
    """
    gathered = Totals()
    wanted = set(categories)
    elsewhere = {pk: path for pk, path in (also or {}).items() if pk != parent.pk}
    below = frozenset(children) | {pk for pk, path in elsewhere.items() if path[-2] == parent.pk}
    elsewhere = {pk: path for pk, path in elsewhere.items() if pk not in below}
    common = {
        "phases": list(phase_ids),
        "moments": list(moments),
        "parent": parent.pk,
        "union": parent.path[1] if parent.level > 1 else None,
        "known_until": known_until,
    }
    stored = _RUNNING if known_until is None else _SUBMISSION_DAYS
    numbers = [CATEGORY_NUMBERS[code] for code in categories]
    for position, unit_id, phase_id, category, counts in _rows(
        stored, common | {"units": [parent.pk, *below, *elsewhere], "categories": numbers}
    ):
        assert unit_id is not None
        gathered.add(position, unit_id, phase_id, _CATEGORY_CODES[category], counts)
    placed_by, extra = ("at", "") if known_until is None else ("submitted_at", "AND e.at < %(known_until)s")
    by_category = wanted != {ALL_CATEGORIES}
    by_day = known_until is not None
    parts = [*_parts(parent, below, moments, by_day=by_day), *_parts_elsewhere(elsewhere, moments, by_day=by_day)]
    for part in parts:
        for position, child, phase_id, category, counts in _rows(
            _part_sql(part, placed_by, extra, by_category=by_category),
            common | part.parameters | {"floors": part.floors},
        ):
            units = [parent.pk] if part.feeds_parent else []
            if child in part.feeds:
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


Signs = Mapping[int, int]
"""Units by id, and how often each counts (1 or -1): one unit as it stood, or all that makes it up today."""

_SIGNED = "unnest(%(units)s::int[], %(signs)s::int[]) counted (id, sign)"


def _signed(signs: Signs, **asked: Any) -> dict[str, Any]:
    return {"units": list(signs), "signs": list(signs.values()), **asked}


# One unit is followed hour by hour; several of different levels can only be added up at the end of a day.
_FIRST_AT_LEAST = f"""
SELECT min(ends_at) FROM (
    SELECT ends_at, sum(added) OVER (ORDER BY ends_at) AS total FROM (
        SELECT CASE WHEN %(by_day)s THEN {cells.end_of_vietnam_day("r.ends_at - interval '1 microsecond'")}
                    ELSE r.ends_at END AS ends_at,
               sign * (submitted
                       - lag(submitted, 1, 0::bigint) OVER (PARTITION BY unit_id, is_own ORDER BY r.ends_at)) AS added
          FROM {_SIGNED} JOIN tally_running_total r ON r.unit_id = counted.id
         WHERE phase_id = %(phase)s AND category = 0 AND r.ends_at <= %(moment)s) steps) totals
 WHERE total >= %(count)s
"""


def first_reached(signs: Signs, phase_id: int, count: int, moment: datetime) -> datetime | None:
    """Return the end of the hour (day, below the unions) before ``moment`` in which a phase's count reached ``count``.

    The end of the day where several units make up the count. None if no whole hour or day before ``moment`` shows it.
    """
    asked = _signed(signs, phase=phase_id, moment=moment, count=count, by_day=len(signs) > 1)
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_AT_LEAST, asked)
        reached: datetime | None = cursor.fetchone()[0]
    return reached


_DAY_ENDS = f"""
SELECT DISTINCT ON (unit_id, phase_id, is_own, day) day, unit_id, phase_id, is_own, sign * submitted, sign * valid
  FROM (SELECT *, {cells.vietnam_day("ends_at - interval '1 microsecond'")} AS day
          FROM {_SIGNED} JOIN tally_running_total ON unit_id = counted.id
         WHERE phase_id = ANY(%(phases)s) AND category = 0 AND ends_at <= %(moment)s) r
 ORDER BY unit_id, phase_id, is_own, day, ends_at DESC
"""

Key = tuple[int, int, bool]


def day_ends(signs: Signs, phase_ids: Sequence[int], moment: datetime) -> list[tuple[date, Key, int, int]]:
    """Return (day, key, submitted, valid): each running total at the end of each day on which it moved.

    The key is (unit, phase, is own); the figures of what no longer counts are below zero.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DAY_ENDS, _signed(signs, phases=list(phase_ids), moment=moment))
        return [(row[0], (row[1], row[2], row[3]), row[4], row[5]) for row in cursor.fetchall()]


_KNOWN_BY_DAY = f"""
SELECT day, sum(sign * submitted)::bigint, sum(sign * valid)::bigint
  FROM {_SIGNED} JOIN tally_submission_day ON unit_id = counted.id
 WHERE phase_id = ANY(%(phases)s) AND category = 0 AND day < {cells.vietnam_day("%(moment)s::timestamptz")}
 GROUP BY 1 ORDER BY 1
"""


def known_by_day(signs: Signs, phase_ids: Sequence[int], moment: datetime) -> list[tuple[date, int, int]]:
    """Return (day, submitted, valid) of each whole Vietnamese day before ``moment``, not cumulative: what is known now
    about what was submitted on it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN_BY_DAY, _signed(signs, phases=list(phase_ids), moment=moment))
        return [(row[0], row[1], row[2]) for row in cursor.fetchall()]


# What was submitted after the moment is taken away again from all that is known.
_SUBMITTED_SINCE = """
    UNION ALL
    SELECT e.field_id, -{sign} * e.submitted FROM {event}
     WHERE e.submitted_at >= %(before)s AND e.at < %(moment)s AND e.phase_id = ANY(%(phases)s)"""

_FIELDS = f"""
SELECT field_id, sum(submitted)::bigint FROM (
    SELECT field_id, {{sign}} * submitted AS submitted FROM {{cell}}
     WHERE day < {cells.vietnam_day("%(moment)s::timestamptz")} AND phase_id = ANY(%(phases)s)
    UNION ALL
    SELECT e.field_id, {{sign}} * e.submitted FROM {{event}}
     WHERE e.at >= %(floor)s AND e.at < %(moment)s AND e.phase_id = ANY(%(phases)s)
    UNION ALL
    SELECT e.field_id, -{{sign}} * e.submitted FROM {{late}}
     WHERE late.at >= %(floor)s AND late.at < %(moment)s AND e.phase_id = ANY(%(phases)s)
    UNION ALL
    SELECT e.field_id, {{sign}} * e.submitted FROM {{late}}
     WHERE late.counted_at >= %(floor)s AND late.counted_at < %(moment)s AND e.phase_id = ANY(%(phases)s)
    {{since}}) f
 GROUP BY 1 HAVING sum(submitted) <> 0 ORDER BY 2 DESC, 1
"""
_FROM = {
    "cell": "tally_field_day e",
    "event": "initiatives_event e",
    "late": "tally_late_event late JOIN initiatives_event e USING (initiative_id, number)",
}


def field_totals(
    unions: Signs | None, phase_ids: Sequence[int], moment: datetime, *, known_until: datetime | None = None
) -> list[tuple[int, int]]:
    """Return (field, submitted) before ``moment``, most first, for these unions; None: for the confederation.

    With ``known_until``: what is known at that moment about what was submitted before ``moment``. This reads the events
    of all that was submitted since.
    """
    tables, sign = _FROM, "1"
    if unions is not None:
        tables = {name: f"{table} JOIN {_SIGNED} ON e.union_id = counted.id" for name, table in _FROM.items()}
        sign = "counted.sign"
    until = known_until or moment
    parameters = _signed(unions or {}, phases=list(phase_ids), moment=until, floor=floor_day(until), before=moment)
    since = "" if known_until is None else _SUBMITTED_SINCE.format(sign=sign, **tables)
    with connection.cursor() as cursor:
        cursor.execute(_FIELDS.format(sign=sign, since=since, **tables), parameters)
        return [(row[0], row[1]) for row in cursor.fetchall()]
