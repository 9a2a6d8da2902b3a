"""The day's digest: once a day, one mail with all that is new and that its person has not read yet."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from sangkien.core import clock
from sangkien.notices.models import DigestRun, OutgoingMessage

KEPT = timedelta(days=90)
"""For how long it can be seen which message went where."""

# Per person one message; the notices are found again by their person, so that both are written in one go.
_MAKE = """
WITH wanted AS (
    SELECT n.id, n.person_id FROM notices_notice n
     WHERE n.in_digest AND n.read_at IS NULL
), message AS (
    INSERT INTO notices_message (id, person_id, contact, channel, purpose, state, made_at, next_try_at, address,
                                 attempts, unsure, reason)
    SELECT gen_random_uuid(), person_id, '', 'mail', 'notices', 'waiting', %(now)s, %(now)s, '', 0, 0, ''
      FROM wanted GROUP BY person_id
    RETURNING id, person_id
), taken AS (
    UPDATE notices_notice n SET in_digest = false, mail_id = m.id
      FROM message m WHERE n.person_id = m.person_id AND n.in_digest AND n.read_at IS NULL
)
SELECT count(*) FROM message
"""
_LEAVE_OUT_WHAT_WAS_READ = "UPDATE notices_notice SET in_digest = false WHERE in_digest AND read_at IS NOT NULL"


def make_due_digests(now: datetime | None = None) -> int | None:
    """Make the digests of the day once it is time; None if they have been made or it is too early.

    A day on which nobody made them in time is made up for as soon as somebody asks. What is long past is forgotten.
    """
    now = now or clock.now()
    day = day_of_digest(now)
    if DigestRun.objects.filter(day__gte=day).exists():
        return None
    with transaction.atomic():
        _run, is_first = DigestRun.objects.get_or_create(day=day, defaults={"made_at": now})
        if not is_first:  # another worker was faster
            return None
        with connection.cursor() as cursor:
            cursor.execute(_LEAVE_OUT_WHAT_WAS_READ)
            cursor.execute(_MAKE, {"now": now})
            made: int = cursor.fetchone()[0]
        OutgoingMessage.objects.filter(made_at__lt=now - KEPT).delete()
    return made


def day_of_digest(now: datetime) -> date:
    """Return the Vietnamese day whose digest is the last one due at ``now``."""
    hour, minute = settings.DIGEST_TIME
    return clock.day_of(now - timedelta(hours=hour, minutes=minute))
