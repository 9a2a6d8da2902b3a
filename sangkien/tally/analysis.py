"""What is neither counted nor published, for every unit with everything below it: made anew once a day.

Medians, who entered what, what is overdue, and the fields of units below the unions. Each is one statement over all
units at once. Readers see the analysis of the day before until the new one is complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from django.db import connection, transaction

from sangkien.core import clock
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.models.initiative import WAITING
from sangkien.initiatives.queue.counting import overdue_by_child
from sangkien.initiatives.states import State
from sangkien.programmes.models import Programme
from sangkien.tally.figures import FieldCount
from sangkien.tally.models import AnalysisRun, UnitAnalysis
from sangkien.units.models import Unit

UNITS = "units"
MOST_COUNTED = 5_000
"""So many may wait in a unit for what is overdue there to be counted at each request."""
COUNTED_LEVELS = 2
"""The fields of the confederation and of the unions are counted (``queries.field_counts``), below they are analysis."""

# Who entered it: a named part of the system stands for history of which nobody knows it.
_UNITS = f"""
WITH entered AS MATERIALIZED (
    SELECT i.programme_id, i.unit_path,
           count(*) FILTER (WHERE p.is_system) AS as_history,
           count(*) FILTER (WHERE a.initiative_id IS NOT NULL AND NOT p.is_system) AS by_author,
           count(*) FILTER (WHERE a.initiative_id IS NULL AND NOT p.is_system) AS for_others,
           count(*) FILTER (WHERE i.state = '{State.SUBMITTED}' AND i.due_at <= %(now)s) AS overdue
      FROM initiatives_initiative i
           JOIN people_person p ON p.id = i.submitter_id
           LEFT JOIN (SELECT DISTINCT initiative_id, person_id FROM initiatives_author WHERE person_id IS NOT NULL) a
                  ON (a.initiative_id, a.person_id) = (i.id, i.submitter_id)
     WHERE i.submitted_at IS NOT NULL
     GROUP BY 1, 2
), medians AS MATERIALIZED (
    SELECT i.programme_id, unit.id AS unit_id, count(*) AS benefits,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY i.benefit_claimed) AS median
      FROM initiatives_initiative i CROSS JOIN LATERAL unnest(i.unit_path) unit (id)
     WHERE i.submitted_at IS NOT NULL AND i.benefit_claimed > 0
     GROUP BY 1, 2
), lines AS (
    SELECT programme_id, unit_path, field_id, sum(submitted) AS submitted
      FROM initiatives_event WHERE at < %(now)s GROUP BY 1, 2, 3
), fields AS MATERIALIZED (
    SELECT programme_id, unit_id, jsonb_object_agg(field_id::text, submitted) AS fields
      FROM (SELECT l.programme_id, unit.id AS unit_id, l.field_id, sum(l.submitted)::bigint AS submitted
              FROM lines l CROSS JOIN LATERAL unnest(l.unit_path) WITH ORDINALITY unit (id, level)
             WHERE unit.level > {COUNTED_LEVELS} GROUP BY 1, 2, 3 HAVING sum(l.submitted) <> 0) f
     GROUP BY 1, 2
)
INSERT INTO tally_unit_analysis
    (programme_id, unit_id, by_author, for_others, as_history, overdue, benefits, benefit_median, fields)
SELECT e.programme_id, unit.id, sum(e.by_author), sum(e.for_others), sum(e.as_history), sum(e.overdue),
       coalesce(m.benefits, 0), m.median, coalesce(f.fields, '{{}}')
  FROM entered e CROSS JOIN LATERAL unnest(e.unit_path) unit (id)
       LEFT JOIN medians m ON (m.programme_id, m.unit_id) = (e.programme_id, unit.id)
       LEFT JOIN fields f ON (f.programme_id, f.unit_id) = (e.programme_id, unit.id)
 GROUP BY e.programme_id, unit.id, m.benefits, m.median, f.fields
"""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What analysis says about one unit with everything below it; ``computed_at`` None: it has not been made yet.

    ``median`` is đồng, over the ``benefits`` claims above zero. ``fields`` are of units below the unions only.
    """

    computed_at: datetime | None
    by_author: int = 0
    for_others: int = 0
    as_history: int = 0
    overdue: int = 0
    benefits: int = 0
    median: int | None = None
    fields: tuple[FieldCount, ...] = field(default=())

    @property
    def entered(self) -> int:
        """How many had been submitted."""
        return self.by_author + self.for_others + self.as_history


@dataclass(frozen=True, slots=True)
class Overdue:
    """What waits past the day on which a decision was due: in a unit with everything below it, and by child (id).

    ``computed_at`` (UTC) says when that was counted, None: just now.
    """

    total: int
    by_child: dict[int, int]
    computed_at: datetime | None


def refresh_analysis() -> None:
    """Make the analysis of every unit anew, in one transaction."""
    with made_anew(UNITS) as now, connection.cursor() as cursor:
        cursor.execute("DELETE FROM tally_unit_analysis")
        cursor.execute(_UNITS, {"now": now})


@contextmanager
def made_anew(name: str) -> Iterator[datetime]:
    """Note in the transaction of the block that this part of the analysis was made, from what there is at its moment.

    One at a time: a second one waits, and then makes it again. Yields the moment (UTC).
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('tally.analysis'))")
            cursor.execute("SET LOCAL work_mem = '128MB'")
        now, started = clock.now(), monotonic()
        yield now
        AnalysisRun.objects.update_or_create(name=name, defaults={"computed_at": now, "seconds": monotonic() - started})


def analysis_of(programme: Programme, unit: Unit) -> Analysis:
    """Return what analysis says about a unit. Two queries."""
    computed_at = AnalysisRun.objects.filter(name=UNITS).values_list("computed_at", flat=True).first()
    found = UnitAnalysis.objects.filter(programme_id=programme.pk, unit_id=unit.pk).first()
    if found is None:
        return Analysis(computed_at)
    counted = sorted(((int(pk), n) for pk, n in found.fields.items()), key=lambda pair: (-pair[1], pair[0]))
    return Analysis(
        computed_at,
        by_author=found.by_author,
        for_others=found.for_others,
        as_history=found.as_history,
        overdue=found.overdue,
        benefits=found.benefits,
        median=found.benefit_median,
        fields=tuple(FieldCount(pk, n) for pk, n in counted),
    )


def overdue_in(
    programme: Programme, unit: Unit, children: Sequence[int], *, waiting: int, analysis: Analysis
) -> Overdue:
    """Return what is overdue in a unit and in ``children`` (ids of units directly below it).

    Counted at this moment while at most ``MOST_COUNTED`` wait (``waiting``: how many do, as the tally has it), else as
    the analysis of the day has it (``analysis``: the unit's own). At most four queries, however many children.
    """
    if waiting <= MOST_COUNTED or analysis.computed_at is None:
        by_child = {pk: work.overdue for pk, work in overdue_by_child(unit).items()}
        own = Initiative.objects.filter(WAITING, unit=unit, due_at__lte=clock.now()).count()
        return Overdue(own + sum(by_child.values()), by_child, None)
    rows = UnitAnalysis.objects.filter(programme_id=programme.pk, unit_id__in=children, overdue__gt=0)
    return Overdue(analysis.overdue, dict(rows.values_list("unit_id", "overdue")), analysis.computed_at)
