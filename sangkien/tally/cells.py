"""The SQL that turns events into cells. Fold, rebuild and verify all use these same pieces.

``counted`` stands for a relation with the columns of ``COUNTED``: events with the moment at which they are counted.
"""

from __future__ import annotations

from sangkien.tally.figures import FIGURE_NAMES
from sangkien.tally.models import CATEGORY_NUMBERS

VIETNAM = "Asia/Ho_Chi_Minh"
HOURLY_LEVELS = 2
"""The confederation and the unions directly under it are counted by the hour, everything below by the day."""

FIGURES = ", ".join(FIGURE_NAMES)


def _sum(name: str, over: str = "") -> str:
    """Return SQL that adds up a figure as a bigint. Counts of one cell fit an int, whose sum costs a third."""
    is_benefit = name.startswith("benefit")
    return f"(sum({name}) {over})::bigint" if is_benefit else f"(sum({name}::int) {over})"


_SUMS = ", ".join(f"{_sum(name)} AS {name}" for name in FIGURE_NAMES)
_RUNNING_SUMS = ", ".join(f"{_sum(name, 'OVER running')} AS {name}" for name in FIGURE_NAMES)

RUNNING_KEY = "unit_id, phase_id, is_own, category, ends_at"
SUBMISSION_KEY = "unit_id, phase_id, is_own, category, day"
FIELD_KEY = "union_id, phase_id, field_id, kind, day"

_CATEGORIES = " ".join(f"WHEN '{code}' THEN {number}" for code, number in CATEGORY_NUMBERS.items() if code)
EVENT_COLUMNS = f"""e.submitted_at, e.programme_id, e.phase_id,
       (CASE e.category {_CATEGORIES} END)::smallint AS category, e.field_id,
       e.initiative_kind AS kind, e.unit_path, coalesce(e.union_id, e.unit_path[1]) AS union_id,
       e.kind = 'submitted' AS is_first, {FIGURES}"""
"""What is counted of an event ``e``; its category by number."""

COUNTED = f"""
SELECT e.initiative_id, e.number, e.at, coalesce(late.counted_at, e.at) AS counted_at, late.at IS NOT NULL AS is_late,
       {EVENT_COLUMNS}
  FROM initiatives_event e LEFT JOIN tally_late_event late USING (initiative_id, number)
 WHERE coalesce(late.counted_at, e.at) < %(as_of)s
       AND NOT EXISTS (SELECT FROM core_outbox o WHERE o.consumer = 'tally' AND o.at = e.at AND o.at < %(as_of)s
                          AND (o.subject, o.number) = (e.initiative_id, e.number))
"""
"""Every event before the published moment ``as_of`` but late ones that still wait to be folded."""


def vietnam_day(moment: str) -> str:
    """Return SQL for the Vietnamese day of a moment."""
    return f"(({moment}) AT TIME ZONE '{VIETNAM}')::date"


def end_of_vietnam_day(moment: str) -> str:
    """Return SQL for the 24h00 that ends the Vietnamese day of a moment."""
    return f"(({vietnam_day(moment)} + 1)::timestamp AT TIME ZONE '{VIETNAM}')"


def running_deltas(counted: str) -> str:
    """Return SELECT of what is added to each running total's bucket: the columns of ``RUNNING_KEY`` and the figures.

    The upper levels by the hour, the rest by the day; both are summed up before they are spread over the levels.
    """
    hour_end = "date_trunc('hour', counted_at, 'UTC') + interval '1 hour'"
    upper = _spread(f"unit_path[1:{HOURLY_LEVELS}]", f"cardinality(unit_path) <= {HOURLY_LEVELS}", hour_end, counted)
    below = f"(SELECT * FROM {counted} WHERE cardinality(unit_path) > {HOURLY_LEVELS}) counted"
    lower = _spread("unit_path", "true", end_of_vietnam_day("counted_at"), below, above=HOURLY_LEVELS)
    return f"{upper} UNION ALL {lower}"


def submission_days(counted: str) -> str:
    """Return SELECT of cells (b): the columns of ``SUBMISSION_KEY`` and the figures, by day of submission."""
    return _spread("unit_path", "true", vietnam_day("submitted_at"), counted)


def _spread(path: str, ends_here: str, bucket: str, counted: str, above: int = 0) -> str:
    """Return SELECT of figures by unit, phase, own or below, category and bucket, for each unit of a path.

    ``path`` and ``ends_here`` are SQL for the units to spread over and whether the last of them is where the event was
    entered; units at level ``above`` or higher in the tree are left out.
    """
    return f"""
    SELECT unit.id AS unit_id, c.phase_id, c.ends_here AND unit.level = cardinality(c.path) AS is_own,
           coalesce(c.category, 0)::smallint AS category, c.bucket, {_SUMS}
      FROM (SELECT {path} AS path, {ends_here} AS ends_here, phase_id, category, {bucket} AS bucket, {_SUMS}
              FROM {counted} GROUP BY 1, 2, 3, 4, 5) c
           CROSS JOIN LATERAL unnest(c.path) WITH ORDINALITY unit (id, level)
     WHERE unit.level > {above}
     GROUP BY GROUPING SETS ((1, 2, 3, c.category, 5), (1, 2, 3, 5))
    """


def field_days(counted: str) -> str:
    """Return SELECT of cells (c): the columns of ``FIELD_KEY`` and the figures."""
    return f"""
    SELECT union_id, phase_id, field_id, kind, {vietnam_day("counted_at")} AS day, {_SUMS}
      FROM {counted} GROUP BY 1, 2, 3, 4, 5
    """


def ordinals(counted: str) -> str:
    """Return SELECT of ``programme_id, ordinal, initiative_id, at`` that continues the ordinals already given.

    The last one given is looked up once, before anything is inserted: row by row, each look-up would pass over all
    that the same statement has inserted.
    """
    return f"""
    WITH given AS MATERIALIZED (
        SELECT programme_id, coalesce(
                   (SELECT max(o.ordinal) FROM tally_ordinal o WHERE o.programme_id = p.programme_id), 0) AS last
          FROM (SELECT DISTINCT programme_id FROM {counted} WHERE is_first) p
    )
    SELECT programme_id,
           last + row_number() OVER (PARTITION BY programme_id ORDER BY counted_at, is_late DESC, initiative_id),
           initiative_id, counted_at
      FROM {counted} first JOIN given USING (programme_id) WHERE is_first
    """


def running_totals(deltas: str) -> str:
    """Return SELECT that adds up ``deltas`` from nothing: the running totals of a rebuild."""
    return f"""
    SELECT {RUNNING_KEY}, {_RUNNING_SUMS} FROM ({deltas}) d (unit_id, phase_id, is_own, category, ends_at, {FIGURES})
    WINDOW running AS (PARTITION BY unit_id, phase_id, is_own, category ORDER BY ends_at)
    """


def continued_totals(deltas: str) -> str:
    """Return SELECT that adds up ``deltas`` from where the stored running totals stand.

    Deltas never lie before the last stored bucket of their key, because what is folded is never earlier than what was.
    """
    sums = ", ".join(f"(d.{name} + coalesce(base.{name}, 0))::bigint" for name in FIGURE_NAMES)
    return f"""
    SELECT d.unit_id, d.phase_id, d.is_own, d.category, d.ends_at, {sums}
      FROM ({running_totals(deltas)}) d
           LEFT JOIN LATERAL (
               SELECT {FIGURES} FROM tally_running_total r
                WHERE (r.unit_id, r.phase_id, r.is_own, r.category)
                      = (d.unit_id, d.phase_id, d.is_own, d.category)
                ORDER BY r.ends_at DESC LIMIT 1) base ON true
    """


def upsert(table: str, key: str, select: str, *, add: bool) -> str:
    """Return INSERT of ``select`` that replaces the figures of rows that exist (``add``: adds to them)."""
    new = ", ".join(f"{name} = {f'{table}.{name} + ' if add else ''}excluded.{name}" for name in FIGURE_NAMES)
    return f"INSERT INTO {table} ({key}, {FIGURES}) {select} ON CONFLICT ({key}) DO UPDATE SET {new}"
