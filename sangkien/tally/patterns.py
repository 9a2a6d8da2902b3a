"""Unusual patterns: what an officer should look at twice, found once a day, each leading to the initiatives behind it.

A pattern is proof of nothing. An officer who enters a drawer full of paper forms makes a burst; a good solution is
passed on from unit to unit; a power station saves what no kindergarten can. Each kind is one statement over all
initiatives; readers see the patterns of the day before until the new ones are complete. What was withdrawn is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from sangkien.core import clock
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.norms import ENOUGH, refresh_norms
from sangkien.initiatives.queries import Viewer, visible_to
from sangkien.initiatives.states import State
from sangkien.people.models import Person
from sangkien.programmes.models import Programme
from sangkien.tally.analysis import made_anew, refresh_analysis
from sangkien.tally.models import AnalysisRun, Pattern, PatternInitiative, PatternKind, PatternUnit
from sangkien.units.models import Unit

NAME = "patterns"
BURST = 50
"""So many by one submitter within ``BURST_HOURS`` are a burst."""
BURST_HOURS = 1
FEWEST_UNITS = 5
"""One text in so many units is unusual."""
TIMES_MEDIAN = 1_000
"""A claimed benefit of so many times the median of its field is unusual."""
A_DAY = timedelta(days=1)
MAX_PAGE = 100

_IS_THERE = f"i.submitted_at IS NOT NULL AND i.state <> '{State.WITHDRAWN}'"

# A burst begins where the 49th submission after this one came within the hour. One that begins inside another goes on
# with it; so bursts of one person never share an initiative. Named parts of the system only stand for history.
_BURSTS = f"""
WITH sent AS (
    SELECT i.id, i.programme_id, i.submitter_id, i.unit_id, i.submitted_at,
           lead(i.submitted_at, {BURST - 1}) OVER in_order <= i.submitted_at + interval '{BURST_HOURS} hour' AS opens
      FROM initiatives_initiative i JOIN people_person p ON p.id = i.submitter_id AND NOT p.is_system
     WHERE {_IS_THERE}
    WINDOW in_order AS (PARTITION BY i.programme_id, i.submitter_id ORDER BY i.submitted_at, i.id)
), inside AS (
    SELECT *, bool_or(opens) OVER (in_order ROWS BETWEEN {BURST - 1} PRECEDING AND CURRENT ROW) AS is_inside,
           bool_or(opens) OVER (in_order ROWS BETWEEN {BURST - 1} PRECEDING AND 1 PRECEDING) AS goes_on
      FROM sent WINDOW in_order AS (PARTITION BY programme_id, submitter_id ORDER BY submitted_at, id)
), numbered AS (
    SELECT *, count(*) FILTER (WHERE goes_on IS NOT true)
              OVER (PARTITION BY programme_id, submitter_id ORDER BY submitted_at, id) AS burst
      FROM inside WHERE is_inside
)
SELECT id, programme_id, unit_id, submitted_at, submitter_id, NULL::bigint AS benefit, NULL::bigint AS median,
       min(id) OVER (PARTITION BY programme_id, submitter_id, burst) AS first_id FROM numbered
"""


def _letters(text: str) -> str:
    """Return SQL for a text without blanks, punctuation and capitals: what stays the same when it is passed on."""
    return f"lower(translate({text}, E' \\t\\n\\r.,;:!?…-–—_/()[]\"''“”‘’', ''))"


# The titles are compared first, by a number made of each: few are left whose solutions must be read.
_SAME_TEXTS = f"""
WITH titled AS MATERIALIZED (
    SELECT i.id, i.programme_id, hashtextextended({_letters("i.title")}, 0) AS title
      FROM initiatives_initiative i WHERE {_IS_THERE}
), often AS (
    SELECT programme_id, title FROM titled GROUP BY 1, 2 HAVING count(*) >= {FEWEST_UNITS}
), texts AS MATERIALIZED (
    SELECT i.id, i.programme_id, i.unit_id, i.submitted_at, md5({_letters("i.title")}) AS title,
           md5({_letters("i.solution")}) AS solution
      FROM often JOIN titled USING (programme_id, title) JOIN initiatives_initiative i USING (id)
), same AS (
    SELECT programme_id, title, solution, min(id) AS first_id FROM texts
     GROUP BY 1, 2, 3 HAVING count(DISTINCT unit_id) >= {FEWEST_UNITS}
)
SELECT t.id, t.programme_id, t.unit_id, t.submitted_at, NULL::int AS submitter_id, NULL::bigint AS benefit,
       NULL::bigint AS median, s.first_id
  FROM texts t JOIN same s USING (programme_id, title, solution)
"""

_BENEFITS = f"""
SELECT i.id, i.programme_id, i.unit_id, i.submitted_at, NULL::int AS submitter_id, i.benefit_claimed AS benefit,
       n.median, i.id AS first_id
  FROM initiatives_initiative i JOIN initiatives_benefit_norm n USING (programme_id, field_id)
 WHERE {_IS_THERE} AND n.count >= {ENOUGH} AND n.median > 0 AND i.benefit_claimed / {TIMES_MEDIAN} >= n.median
"""

_FOUND = {
    PatternKind.BURST: _BURSTS,
    PatternKind.SAME_TEXT: _SAME_TEXTS,
    PatternKind.BENEFIT: _BENEFITS,
}

_STORE = """
WITH found AS MATERIALIZED ({found}), members AS (
    INSERT INTO tally_pattern_initiative (kind, first_id, initiative_id) SELECT %(kind)s, first_id, id FROM found
)
INSERT INTO tally_pattern
    (kind, first_id, programme_id, initiatives, units, submitter_id, began_at, ended_at, benefit, median)
SELECT %(kind)s, first_id, programme_id, count(*), count(DISTINCT unit_id), min(submitter_id), min(submitted_at),
       max(submitted_at), max(benefit), max(median)
  FROM found GROUP BY first_id, programme_id
"""

_BY_UNIT = """
INSERT INTO tally_pattern_unit (unit_id, kind, first_id, initiatives)
SELECT unit.id, m.kind, m.first_id, count(*)
  FROM tally_pattern_initiative m JOIN initiatives_initiative i ON i.id = m.initiative_id
       CROSS JOIN LATERAL unnest(i.unit_path) unit (id)
 GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Unusual:
    """A pattern as one unit sees it: ``here`` of its initiatives lie in the unit or below it.

    ``example`` is one of them (the one with the lowest number), None if it can no longer be seen; ``submitter`` is who
    made a burst.
    """

    pattern: Pattern
    here: int
    example: Initiative | None
    submitter: Person | None

    @property
    def kind(self) -> PatternKind:
        """What is unusual about it."""
        return PatternKind(self.pattern.kind)

    @property
    def code(self) -> str:
        """The public code that the pattern is known by: that of the lowest number among its initiatives."""
        return code_of(self.pattern.first_id)

    @property
    def example_code(self) -> str:
        """The public code of the example, empty without one."""
        return code_of(self.example.pk) if self.example else ""

    @property
    def elsewhere(self) -> int:
        """How many of its initiatives lie in other units."""
        return self.pattern.initiatives - self.here

    @property
    def times(self) -> int:
        """How many times the median of its field a benefit is, cut to a whole number; 0 for the other kinds."""
        return (self.pattern.benefit or 0) // self.pattern.median if self.pattern.median else 0


@dataclass(frozen=True, slots=True)
class UnusualPage:
    """Some patterns, the largest first; ``total`` is how many there are of their kind."""

    rows: tuple[Unusual, ...]
    total: int
    page: int
    pages: int


def refresh_if_due() -> bool:
    """Make all analysis anew, norms of benefit first, unless that was done within the last day; say whether it was."""
    newest = patterns_computed_at()
    if newest is not None and clock.now() < newest + A_DAY:
        return False
    refresh_norms()
    refresh_analysis()
    refresh_patterns()
    return True


def refresh_patterns() -> None:
    """Find all patterns anew, in one transaction. Norms of benefit are to be made before (``initiatives.norms``)."""
    with made_anew(NAME), connection.cursor() as cursor:
        for table in ("tally_pattern_unit", "tally_pattern_initiative", "tally_pattern"):
            cursor.execute(f"DELETE FROM {table}")
        for kind, found in _FOUND.items():
            cursor.execute(_STORE.format(found=found), {"kind": kind.value})
        cursor.execute(_BY_UNIT)


def patterns_computed_at() -> datetime | None:
    """Return the moment (UTC) from whose data the patterns were found; None before the first time."""
    return AnalysisRun.objects.filter(name=NAME).values_list("computed_at", flat=True).first()


def pattern_counts(programme: Programme, unit: Unit) -> dict[PatternKind, int]:
    """Return how many patterns of each kind have an initiative in the unit or below it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT u.kind, count(*) FROM tally_pattern_unit u JOIN tally_pattern p USING (kind, first_id)
                WHERE u.unit_id = %s AND p.programme_id = %s GROUP BY 1""",
            [unit.pk, programme.pk],
        )
        counts: dict[str, int] = dict(cursor.fetchall())
    return {kind: counts.get(kind.value, 0) for kind in PatternKind}


def list_patterns(
    viewer: Viewer,
    programme: Programme,
    unit: Unit,
    kind: PatternKind,
    *,
    total: int,
    page: int = 1,
    limit: int = 20,
) -> UnusualPage:
    """Return the patterns of one kind with initiatives in the unit or below it, the largest first.

    Benefits by how far they are above their field, the others by how many initiatives lie here. ``total`` is how many
    there are (``pattern_counts``). ``page`` from 1; one beyond the last is the last. ``limit`` is at most 100. The
    number of queries does not depend on how many there are.
    """
    limit = max(1, min(limit, MAX_PAGE))
    pages = max(1, -(-total // limit))
    page = max(1, min(page, pages))
    order = "p.benefit / p.median DESC" if kind is PatternKind.BENEFIT else "u.initiatives DESC"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT p.first_id, u.initiatives
                  FROM tally_pattern_unit u JOIN tally_pattern p USING (kind, first_id)
                 WHERE u.unit_id = %s AND u.kind = %s AND p.programme_id = %s
                 ORDER BY {order}, p.first_id LIMIT %s OFFSET %s""",
            [unit.pk, kind.value, programme.pk, limit, (page - 1) * limit],
        )
        here: dict[int, int] = dict(cursor.fetchall())
    return UnusualPage(tuple(_unusual(viewer, unit, kind, here)), total, page, pages)


def get_pattern(viewer: Viewer, unit: Unit, kind: PatternKind, first_id: int) -> Unusual | None:
    """Return one pattern as the unit sees it; None if it is none of the unit's, or no longer there."""
    count = PatternUnit.objects.filter(unit_id=unit.pk, kind=kind, first_id=first_id)
    here = count.values_list("initiatives", flat=True).first()
    return None if here is None else next(iter(_unusual(viewer, unit, kind, {first_id: here})), None)


def initiatives_behind(
    viewer: Viewer, unit: Unit, pattern: Pattern, *, after: int = 0, limit: int = 50
) -> tuple[list[Initiative], int | None]:
    """Return the initiatives of a pattern that lie in the unit or below it, by number, and the last one's number.

    That number, given as ``after``, continues the list; None at the end. Only what the viewer may see.
    """
    limit = max(1, min(limit, MAX_PAGE))
    behind = PatternInitiative.objects.filter(kind=pattern.kind, first_id=pattern.first_id, initiative_id__gt=after)
    rows = visible_to(viewer).filter(_below(unit), pk__in=behind.values("initiative_id"))
    found = list(rows.select_related("unit", "field").order_by("pk")[: limit + 1])
    shown = found[:limit]
    return shown, shown[-1].pk if len(found) > limit else None


def _unusual(viewer: Viewer, unit: Unit, kind: PatternKind, here: dict[int, int]) -> list[Unusual]:
    """Return these patterns (first number: how many lie here), in the order in which they are given."""
    patterns = Pattern.objects.filter(kind=kind, first_id__in=list(here))
    by_first = {pattern.first_id: pattern for pattern in patterns}
    people = Person.objects.in_bulk({p.submitter_id for p in by_first.values() if p.submitter_id is not None})
    examples = _examples(viewer, unit, kind, list(by_first))
    return [
        Unusual(pattern, here[first], examples.get(first), people.get(pattern.submitter_id or 0))
        for first in here
        if (pattern := by_first.get(first)) is not None
    ]


def _examples(viewer: Viewer, unit: Unit, kind: PatternKind, firsts: Sequence[int]) -> dict[int, Initiative]:
    """Return for each pattern the initiative with the lowest number of those that lie here."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT m.first_id, min(m.initiative_id)
                 FROM tally_pattern_initiative m JOIN initiatives_initiative i ON i.id = m.initiative_id
                WHERE m.kind = %s AND m.first_id = ANY(%s) AND i.unit_path[%s] = %s GROUP BY 1""",
            [kind.value, list(firsts), unit.level, unit.pk],
        )
        lowest: dict[int, int] = dict(cursor.fetchall())
    seen = visible_to(viewer).filter(pk__in=lowest.values()).select_related("unit", "field").in_bulk()
    return {first: seen[number] for first, number in lowest.items() if number in seen}


def _below(unit: Unit) -> Q:
    """Return the condition for "of this unit or below it"."""
    return Q(**{f"unit_path__{unit.level - 1}": unit.pk})
