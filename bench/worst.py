"""When it is hardest to answer: the busiest hour of the busiest day, in its last minute."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from sangkien.core.clock import floor_day
from sangkien.demo.world import PROGRAMME_CODE
from sangkien.programmes.models import Programme
from sangkien.programmes.queries import get_programme
from sangkien.units.models import Unit
from sangkien.units.queries import get_unit

BIGGEST_UNION = "THA"
SINCE_DAYS = 40

_BUSIEST_HOUR = """
SELECT date_trunc('hour', at, 'UTC') FROM initiatives_event
 WHERE programme_id = %(programme)s AND at >= %(start)s AND at < %(end)s
       AND (%(union)s::int IS NULL OR union_id = %(union)s)
 GROUP BY 1 ORDER BY count(*) DESC, 1 DESC LIMIT 1
"""
# Inside a union the part of the day counts that has passed: its last busy hour on its busiest day is the worst.
_BUSIEST_DAY = """
SELECT date_trunc('day', at, 'Asia/Ho_Chi_Minh'), max(at) FROM initiatives_event
 WHERE programme_id = %(programme)s AND union_id = %(union)s GROUP BY 1 ORDER BY count(*) DESC, 1 DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class WorstCase:
    """Moments (UTC, exclusive) to ask for, all in one last minute, and the moment to compare ranks with."""

    programme: Programme
    parent: Unit
    moments: list[datetime]
    since: datetime


def worst_of_all(calls: int) -> WorstCase:
    """Return the worst case of the whole programme: the last minute of the hour with the most events."""
    programme = get_programme(PROGRAMME_CODE)
    hour = _busiest_hour(programme, programme.starts_at, programme.ends_at, None)
    return WorstCase(programme, programme.owner, _last_minute(hour, calls), _since(programme, hour, None))


def worst_of_union(calls: int) -> WorstCase:
    """Return the worst case inside the biggest union: the last minute of the last hour of its busiest day."""
    programme = get_programme(PROGRAMME_CODE)
    union = get_unit(BIGGEST_UNION)
    with connection.cursor() as cursor:
        cursor.execute(_BUSIEST_DAY, {"programme": programme.pk, "union": union.pk})
        _day, last = cursor.fetchone()
    hour = last.replace(minute=0, second=0, microsecond=0)
    return WorstCase(programme, union, _last_minute(hour, calls), _since(programme, hour, union))


def _busiest_hour(programme: Programme, start: datetime, end: datetime, union: Unit | None) -> datetime:
    """Return the beginning of the hour with the most events between two moments; ``start`` if there were none."""
    with connection.cursor() as cursor:
        cursor.execute(
            _BUSIEST_HOUR,
            {"programme": programme.pk, "start": start, "end": end, "union": union.pk if union else None},
        )
        row = cursor.fetchone()
    hour: datetime = row[0] if row else start
    return hour


def _last_minute(hour: datetime, calls: int) -> list[datetime]:
    """Return different moments in the last minute of an hour, the same in every run."""
    chance = random.Random(1)
    return [hour + timedelta(minutes=59, microseconds=chance.randrange(1, 60_000_000)) for _ in range(calls)]


def _since(programme: Programme, hour: datetime, union: Unit | None) -> datetime:
    """Return the middle of the busiest hour of the day 40 days before, never before the programme began."""
    day = floor_day(hour - timedelta(days=SINCE_DAYS))
    busy = _busiest_hour(programme, day, day + timedelta(days=1), union)
    return max(busy + timedelta(minutes=31, seconds=7), programme.starts_at)
