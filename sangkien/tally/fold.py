"""The fold: events become figures, once each, and the as-of moment moves forward."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models.functions import Now

from sangkien.core.moments import horizon
from sangkien.tally import cells
from sangkien.tally.models import Publication

BATCH = 5_000
"""About how many events one fold takes; events of one moment are never parted."""

_NOTHING_YET = """
INSERT INTO tally_publication (id, as_of, generation, folded_at) VALUES (1, 'epoch', 0, clock_timestamp())
    ON CONFLICT DO NOTHING
"""

# Where a batch ends: the first moment after the one of the last event that it takes, and after what is published.
_BATCH_END = """
SELECT min(at) FROM core_outbox
 WHERE consumer = 'tally' AND at < %(horizon)s AND at > %(as_of)s
   AND at > (SELECT at FROM core_outbox WHERE consumer = 'tally' AND at < %(horizon)s
              ORDER BY at OFFSET %(batch)s - 1 LIMIT 1)
"""

_CONTINUED = cells.continued_totals(cells.running_deltas("counted"))
_FOLD = f"""
WITH taken AS (
    DELETE FROM core_outbox WHERE consumer = 'tally' AND at < %(horizon)s RETURNING subject, number, at
), counted AS MATERIALIZED (
    SELECT e.initiative_id, e.number, e.at, greatest(e.at, %(as_of)s) AS counted_at, e.at < %(as_of)s AS is_late,
           {cells.EVENT_COLUMNS}
      FROM taken JOIN initiatives_event e ON (e.initiative_id, e.number) = (taken.subject, taken.number)
), late AS (
    INSERT INTO tally_late_event (initiative_id, number, at, counted_at, found_at)
    SELECT initiative_id, number, at, counted_at, clock_timestamp() FROM counted WHERE is_late RETURNING 1
), aside AS (
    INSERT INTO core_outbox_aside (consumer, at, subject, number, reason, set_aside_at)
    SELECT 'tally', at, subject, number, 'there is no such event', clock_timestamp() FROM taken
     WHERE NOT EXISTS (SELECT FROM initiatives_event e
                        WHERE (e.initiative_id, e.number) = (taken.subject, taken.number))
    RETURNING 1
), running AS (
    {cells.upsert("tally_running_total", cells.RUNNING_KEY, _CONTINUED, add=False)}
), by_submission AS (
    {cells.upsert("tally_submission_day", cells.SUBMISSION_KEY, cells.submission_days("counted"), add=True)}
), by_field AS (
    {cells.upsert("tally_field_day", cells.FIELD_KEY, cells.field_days("counted"), add=True)}
), numbered AS (
    INSERT INTO tally_ordinal (programme_id, ordinal, initiative_id, at) {cells.ordinals("counted")}
)
SELECT (SELECT count(*) FROM counted), (SELECT count(*) FROM late), (SELECT count(*) FROM aside)
"""


@dataclass(frozen=True, slots=True)
class FoldResult:
    """What one fold did. ``more`` says that it stopped at a full batch, with more to take at once.

    ``late`` events and rows set ``aside`` should be none: either calls for somebody.
    """

    events: int
    late: int
    aside: int
    as_of: datetime
    more: bool


def lock_publication() -> Publication:
    """Lock the as-of moment: whoever holds it is the only one to write figures, to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTHING_YET)
    return Publication.objects.select_for_update().get(pk=1)


@transaction.atomic
def fold(batch: int = BATCH) -> FoldResult:
    """Take what the outbox holds up to the horizon, add it to the cells, and publish the horizon as as-of moment."""
    publication = lock_publication()
    until = horizon()
    if until <= publication.as_of:
        # The as-of moment never goes back, also when the clock of the database does; and while it stands still, even a
        # late event has to wait, because it is counted at the as-of moment and cells hold only what is before that.
        Publication.objects.update(folded_at=Now())
        return FoldResult(events=0, late=0, aside=0, as_of=publication.as_of, more=False)
    with connection.cursor() as cursor:
        cursor.execute(_BATCH_END, {"horizon": until, "as_of": publication.as_of, "batch": batch})
        batch_end: datetime | None = cursor.fetchone()[0]
        if batch_end is not None:
            until = batch_end
        cursor.execute(_FOLD, {"horizon": until, "as_of": publication.as_of})
        events, late, aside = cursor.fetchone()
        cursor.execute(
            "UPDATE tally_publication SET as_of = %s, generation = generation + %s, folded_at = clock_timestamp()",
            [until, int(events > 0)],
        )
    return FoldResult(events=events, late=late, aside=aside, as_of=until, more=batch_end is not None)


def fold_all() -> FoldResult:
    """Fold until nothing is left up to the horizon; return the sum of all, with the last as-of moment."""
    events = late = aside = 0
    while True:
        result = fold()
        events, late, aside = events + result.events, late + result.late, aside + result.aside
        if not result.more:
            return FoldResult(events, late, aside, result.as_of, more=False)
