"""How quickly events become figures."""

from __future__ import annotations

from time import sleep

from django.db import connection

from bench.databases import scratch_copy
from bench.rows import Budget, Row, make_row
from bench.timing import seconds
from sangkien.tally.fold import fold, fold_all

EVENTS = 110_000
AT_LEAST = Budget(15_000, at_least=True)
_OFFSET = 1_000_000_000

# The last real events again, as if they happened now, 20 microseconds apart: submissions count for today, decisions
# for the day on which their initiative was submitted. Checks are off because the initiatives are not copied.
_HAPPEN = f"""
INSERT INTO initiatives_event (initiative_id, number, part, kind, at, submitted_at, actor_id, programme_id, phase_id,
       category, field_id, initiative_kind, unit_path, union_id, submitted, valid, invalid, returned, withdrawn,
       benefit_claimed, benefit_verified, reason, note, is_historical)
SELECT initiative_id + {_OFFSET}, number, part, kind, now_at, CASE WHEN submitted = 1 THEN now_at ELSE submitted_at END,
       actor_id, programme_id, phase_id, category, field_id, initiative_kind, unit_path, union_id, submitted, valid,
       invalid, returned, withdrawn, benefit_claimed, benefit_verified, reason, note, false
  FROM (SELECT *, now() + row_number() OVER (ORDER BY at, initiative_id) * interval '20 microseconds' AS now_at
          FROM (SELECT * FROM initiatives_event ORDER BY at DESC LIMIT %s) last) again
"""
_PUBLISH = f"""
INSERT INTO core_outbox (consumer, at, subject, number)
SELECT 'tally', at, initiative_id, number FROM initiatives_event WHERE initiative_id >= {_OFFSET}
"""
_COPY = f"""
INSERT INTO plain SELECT e.*
  FROM core_outbox o JOIN initiatives_event e ON (e.initiative_id, e.number) = (o.subject, o.number)
 WHERE o.subject >= {_OFFSET}
"""


def fold_rate(events: int = EVENTS) -> list[Row]:
    """Measure events folded per second, beside copying the same events into a table without an index.

    Works on a scratch copy, whose pages are cold and all go into the log once: so an eleventh is folded before the
    clock starts. Raises RuntimeError if not every event was counted.
    """
    with scratch_copy():
        fold_all()
        made = _make_events(events)
        reference = made / seconds(_copy)
        waiting = made - fold(batch=made // 11).events
        counted = 0

        def count() -> None:
            nonlocal counted
            counted = fold_all().events

        taken = seconds(count)
        if counted != waiting:
            raise RuntimeError(f"the fold counted {counted} events of {waiting}")
    return [make_row("fold", counted / taken, "events/s", budget=AT_LEAST, reference=reference)]


def _make_events(events: int) -> int:
    """Write events and their outbox rows, wait until all have happened, and return how many there are."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(_HAPPEN, [events])
        cursor.execute("SET session_replication_role = origin")
        cursor.execute(_PUBLISH)
        made: int = cursor.rowcount
        cursor.execute("ANALYZE initiatives_event, core_outbox")
        cursor.execute("SELECT extract(epoch FROM max(at) - clock_timestamp())::float FROM core_outbox")
        sleep(max(0.0, cursor.fetchone()[0]) + 0.01)
    return made


def _copy() -> None:
    """Copy the waiting events by themselves, the least that any fold would have to do."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE plain (LIKE initiatives_event)")
        cursor.execute(_COPY)
