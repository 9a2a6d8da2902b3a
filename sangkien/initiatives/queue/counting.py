"""How much waits: for an officer by tab, in a unit, and by the units directly below one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from sangkien.core import clock
from sangkien.initiatives.queue.filters import Filter, Order, Tab
from sangkien.initiatives.queue.heads import Heads, heads_of_unit, verified_by
from sangkien.initiatives.queue.statements import Statement
from sangkien.people.models import Person
from sangkien.units.models import Unit

COUNTED = 10_000
"""How far a tab is counted: what is more is said to be more."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are; ``is_more``: at least so many, and it was not counted further."""

    number: int
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """What waits in a unit and below: all of it, what of it is overdue, and when the first is or was due."""

    waiting: int = 0
    overdue: int = 0
    first_due: datetime | None = None


def tab_counts(person: Person, wanted: Filter, heads: Heads | None = None) -> dict[Tab, Count]:
    """Return how many each tab holds under the rest of a filter: exact up to 10,000.

    One query where ``heads``, what they verify of the filter's unit (``verified_by``), is known.
    """
    now = clock.now()
    heads = heads or verified_by(person, now, wanted.unit)
    parts: list[str] = []
    values: dict[str, Any] = {}
    for tab in Tab:
        statement = Statement(person, replace(wanted, tab=tab, order=Order.DUE), heads, now)
        parts.append(f"SELECT '{tab}', count(*) FROM ({statement.some(COUNTED + 1)}) AS {tab}")
        values |= statement.values
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        numbers = dict(cursor.fetchall())
    return {tab: Count(min(numbers[tab], COUNTED), numbers[tab] > COUNTED) for tab in Tab}


_WAITING_IN = """(SELECT count(*) FROM initiatives_initiative i
                  WHERE i.state = 'submitted' AND {part} AND i.unit_id <> ALL (%(without)s))"""
_WAITING = " + ".join(
    _WAITING_IN.format(part=part)
    for part in ("{by_union}", "i.unit_path[3] = ANY(%(uppers)s)", "i.unit_id = ANY(%(units)s)")
)


def waiting_count(unit: Unit) -> int:
    """Return how many initiatives wait for an officer in a unit and below, and in what it followed. Three queries."""
    heads = heads_of_unit(unit)
    sql = "SELECT " + _WAITING.format(by_union="TRUE" if heads.everything else "i.unit_path[2] = ANY(%(unions)s)")
    values = {"unions": list(heads.unions), "uppers": list(heads.uppers), "units": list(heads.units)}
    values["without"] = list(heads.without)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        number: int = cursor.fetchone()[0]
    return number


# The units directly below one, each with itself and with what came to it or left it under today's tree; of what lies
# below the third level every unit is looked for by itself.
_CHILDREN = """
WITH RECURSIVE child AS (SELECT id, path FROM units_unit WHERE parent_id = %(unit)s),
part(unit, source, sign, path) AS (
    SELECT id, id, 1, path FROM child
    UNION ALL
    SELECT child.id, source.id, rolled.sign, source.path
      FROM child JOIN units_rolled_unit rolled ON rolled.unit_id = child.id
      JOIN units_unit source ON source.id = rolled.source_id
),
below(source, id) AS (
    SELECT DISTINCT source, source FROM part WHERE cardinality(path) > 3
    UNION ALL
    SELECT below.source, u.id FROM units_unit u JOIN below ON u.parent_id = below.id
)
SELECT unit, source, sign, cardinality(path), ARRAY(SELECT below.id FROM below WHERE below.source = part.source)
  FROM part
"""
_WORK = """
SELECT {column}, count(*), count(*) FILTER (WHERE i.due_at <= %(now)s), min(i.due_at)
  FROM initiatives_initiative i WHERE i.state = 'submitted' AND {column} = ANY(%({name})s) GROUP BY 1
"""
_ALL_WORK = " UNION ALL ".join(
    _WORK.format(column=column, name=name)
    for column, name in (("i.unit_path[2]", "unions"), ("i.unit_path[3]", "uppers"), ("i.unit_id", "units"))
)


def overdue_by_child(unit: Unit) -> dict[int, Work]:
    """Return what waits now in each unit directly below (by id) that has any, as today's tree has it. Two queries.

    What a unit left behind when it moved or merged counts where that stands now. What waits in ``unit`` itself is in
    none of them.
    """
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_CHILDREN, {"unit": unit.pk})
        parts = cursor.fetchall()
        by_level: dict[str, list[int]] = {"unions": [], "uppers": [], "units": []}
        for _unit, source, _sign, level, deep in parts:
            by_level["unions" if level == 2 else "uppers" if level == 3 else "units"] += deep or [source]
        cursor.execute(_ALL_WORK, {"now": now, **by_level})
        of_unit = {pk: Work(*row) for pk, *row in cursor.fetchall()}
    found: dict[int, Work] = {}
    for child, source, sign, _level, deep in parts:
        for one in deep or [source]:
            if one in of_unit:
                found[child] = _added(found.get(child, Work()), of_unit[one], sign)
    return {child: work for child, work in found.items() if work.waiting}


def _added(work: Work, other: Work, sign: int) -> Work:
    """Return both together, or, with the sign -1, the first without the other."""
    dues = [due for due in (work.first_due, other.first_due if sign > 0 else None) if due is not None]
    return Work(work.waiting + sign * other.waiting, work.overdue + sign * other.overdue, min(dues, default=None))
