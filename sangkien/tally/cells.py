"""The SQL that turns events into cells. Fold, rebuild and verify all use these same pieces.

``counted`` stands for a relation with the columns of ``COUNTED``: events with the moment at which they are counted.
"""

from __future__ import annotations

from sangkien.tally.figures import FIGURE_NAMES

VIETNAM = "Asia/Ho_Chi_Minh"
HOURLY_LEVELS = 2
"""The confederation and the unions directly under it are counted by the hour, everything below by the day."""

FIGURES = ", ".join(FIGURE_NAMES)
_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in FIGURE_NAMES)
_RUNNING_SUMS = ", ".join(f"(sum({name}) OVER running)::bigint AS {name}" for name in FIGURE_NAMES)

RUNNING_KEY = "unit_id, phase_id, scope, category, ends_at"
SUBMISSION_KEY = "unit_id, phase_id, scope, category, day"
FIELD_KEY = "union_id, phase_id, field_id, kind, day"

COUNTED = f"""
SELECT e.initiative_id, e.number, e.at, coalesce(late.counted_at, e.at) AS counted_at, late.at IS NOT NULL AS is_late,
       e.submitted_at, e.programme_id, e.phase_id, e.category, e.field_id, e.initiative_kind AS kind, e.unit_path,
       coalesce(e.union_id, e.unit_path[1]) AS union_id, e.kind = 'submitted' AS is_first, {FIGURES}
  FROM initiatives_event e LEFT JOIN tally_late_event late USING (initiative_id, number)
 WHERE coalesce(late.counted_at, e.at) < %(as_of)s
"""
"""Every event before the published moment ``as_of``."""


def vietnam_day(moment: str) -> str:
    """Return SQL for the Vietnamese day of a moment."""
    return f"({moment} AT TIME ZONE '{VIETNAM}')::date"


def end_of_vietnam_day(moment: str) -> str:
    """Return SQL for the 24h00 that ends the Vietnamese day of a moment."""
    return f"(({vietnam_day(moment)} + 1)::timestamp AT TIME ZONE '{VIETNAM}')"


def running_deltas(counted: str) -> str:
    """Return SELECT of what is added to each running total's bucket: the columns of ``RUNNING_KEY`` and the figures."""
    return f"""
    SELECT path.unit_id, c.phase_id,
           CASE WHEN path.level = cardinality(c.unit_path) THEN 'own' ELSE 'below' END AS scope,
           coalesce(c.category, '') AS category,
           CASE WHEN path.level <= {HOURLY_LEVELS} THEN c.hour + interval '1 hour'
                ELSE {end_of_vietnam_day("c.hour")} END AS ends_at,
           {_SUMS}
      FROM (SELECT unit_path, phase_id, category, date_trunc('hour', counted_at, 'UTC') AS hour, {_SUMS}
              FROM {counted} GROUP BY 1, 2, 3, 4) c
           CROSS JOIN LATERAL unnest(c.unit_path) WITH ORDINALITY path (unit_id, level)
     GROUP BY GROUPING SETS ((1, 2, 3, c.category, 5), (1, 2, 3, 5))
    """


def submission_days(counted: str) -> str:
    """Return SELECT of cells (b): the columns of ``SUBMISSION_KEY`` and the figures, by day of submission."""
    return f"""
    SELECT path.unit_id, c.phase_id,
           CASE WHEN path.level = cardinality(c.unit_path) THEN 'own' ELSE 'below' END AS scope,
           coalesce(c.category, '') AS category, c.day, {_SUMS}
      FROM (SELECT unit_path, phase_id, category, {vietnam_day("submitted_at")} AS day, {_SUMS}
              FROM {counted} GROUP BY 1, 2, 3, 4) c
           CROSS JOIN LATERAL unnest(c.unit_path) WITH ORDINALITY path (unit_id, level)
     GROUP BY GROUPING SETS ((1, 2, 3, c.category, 5), (1, 2, 3, 5))
    """


def field_days(counted: str) -> str:
    """Return SELECT of cells (c): the columns of ``FIELD_KEY`` and the figures."""
    return f"""
    SELECT union_id, phase_id, field_id, kind, {vietnam_day("counted_at")} AS day, {_SUMS}
      FROM {counted} GROUP BY 1, 2, 3, 4, 5
    """


def ordinals(counted: str) -> str:
    """Return SELECT of ``programme_id, ordinal, initiative_id, at`` that continues the ordinals already given."""
    return f"""
    SELECT programme_id,
           coalesce((SELECT max(o.ordinal) FROM tally_ordinal o WHERE o.programme_id = first.programme_id), 0)
               + row_number() OVER (PARTITION BY programme_id ORDER BY counted_at, is_late DESC, initiative_id),
           initiative_id, counted_at
      FROM {counted} first WHERE is_first
    """


def running_totals(deltas: str) -> str:
    """Return SELECT that adds up ``deltas`` from nothing: the running totals of a rebuild."""
    return f"""
    SELECT {RUNNING_KEY}, {_RUNNING_SUMS} FROM ({deltas}) d
    WINDOW running AS (PARTITION BY unit_id, phase_id, scope, category ORDER BY ends_at)
    """


def continued_totals(deltas: str) -> str:
    """Return SELECT that adds up ``deltas`` from where the stored running totals stand.

    Deltas never lie before the last stored bucket of their key, because what is folded is never earlier than what was.
    """
    sums = ", ".join(f"(d.{name} + coalesce(base.{name}, 0))::bigint" for name in FIGURE_NAMES)
    return f"""
    SELECT d.unit_id, d.phase_id, d.scope, d.category, d.ends_at, {sums}
      FROM ({running_totals(deltas)}) d
           LEFT JOIN LATERAL (
               SELECT {FIGURES} FROM tally_running_total r
                WHERE (r.unit_id, r.phase_id, r.scope, r.category) = (d.unit_id, d.phase_id, d.scope, d.category)
                ORDER BY r.ends_at DESC LIMIT 1) base ON true
    """


def upsert(table: str, key: str, select: str, *, add: bool) -> str:
    """Return INSERT of ``select`` that replaces the figures of rows that exist (``add``: adds to them)."""
    new = ", ".join(f"{name} = {f'{table}.{name} + ' if add else ''}excluded.{name}" for name in FIGURE_NAMES)
    return f"INSERT INTO {table} ({key}, {FIGURES}) {select} ON CONFLICT ({key}) DO UPDATE SET {new}"
