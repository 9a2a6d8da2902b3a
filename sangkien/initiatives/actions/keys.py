"""The key under which something is sent once: double clicks, the back button and second devices change nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sangkien.core.clock import format_cutoff_long
from sangkien.core.errors import InvalidInput
from sangkien.core.numbers import format_count
from sangkien.core.statements import prepared_cursor
from sangkien.initiatives.errors import AlreadySent
from sangkien.initiatives.models import SubmissionKey
from sangkien.people.models import Person

AN_HOUR: Final = 600
A_DAY: Final = 2_000
"""So many new initiatives somebody sends by hand, under a key, in an hour and in a day."""

# A second sending at the same moment waits here, by the unique index, until the first has committed or failed.
# Whether there is a draft under the key is asked on the way.
_TAKE = """
INSERT INTO initiatives_submission_key (person_id, key, initiative_number, at)
VALUES (%(person)s, %(key)s, {number}, clock_timestamp())
ON CONFLICT DO NOTHING
RETURNING initiative_number, EXISTS (SELECT FROM initiatives_draft WHERE id = %(key)s AND owner_id = %(person)s)
"""
_NEXT = "nextval(pg_get_serial_sequence('initiatives_initiative', 'id'))"
_TAKE_AGAIN = _TAKE.format(number="%(number)s")
# Until when somebody has sent enough: in the order of an index, so that it reads what they sent within the day at most.
_ENOUGH = """
SELECT created_at + interval '{within}' AS until FROM initiatives_initiative
 WHERE submitter_id = %(person)s AND NOT is_historical AND created_at > now() - interval '{within}'
 ORDER BY created_at DESC OFFSET {most} - 1 LIMIT 1
"""
_ENOUGH_UNTIL = f"""(SELECT max(until) FROM (
({_ENOUGH.format(within="1 hour", most=AN_HOUR)}) UNION ALL ({_ENOUGH.format(within="1 day", most=A_DAY)})
) AS enough)"""
# For a new initiative its number, that, and its moment come along: what is returned is worked out after the row went
# in, so the moment is taken (lock first, then the clock: see ``core.moments``) after any waiting.
_TAKE_NEW = _TAKE.format(number=_NEXT) + f", {_ENOUGH_UNTIL}, event_moment()"
_NEW_WITHOUT_KEY = f"SELECT {_NEXT}, FALSE, NULL::timestamptz, event_moment()"


class Begun(NamedTuple):
    """A new initiative being sent: its number, whether the sender has a draft under the key, and the moment (UTC)."""

    number: int
    has_draft: bool
    at: datetime


def begin_new(actor: Person, key: UUID | None) -> Begun:
    """Use a key for a new initiative and take the event's moment.

    First thing in the transaction that sends, and in place of ``event_moment()``. Raises AlreadySent when the key has
    been used, and InvalidInput ``too_many_sent`` for whoever has sent so much by hand that a program must be at work.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a moment is taken inside a transaction")
    number, has_draft, enough_until, at = _taken(_TAKE_NEW if key else _NEW_WITHOUT_KEY, actor, key)
    if enough_until is not None:
        raise _too_many(enough_until)
    return Begun(number, has_draft, at)


def take_key(actor: Person, key: UUID | None, number: int) -> bool:
    """Use a key for the initiative with this number; say whether the sender has a draft of that name.

    First thing in the transaction that sends. Raises AlreadySent when the key has been used.
    """
    has_draft: bool = bool(key) and _taken(_TAKE_AGAIN, actor, key, number)[1]
    return has_draft


def _taken(statement: str, actor: Person, key: UUID | None, number: int | None = None) -> tuple[Any, ...]:
    """Return what the statement gives. Raises AlreadySent when the key had been taken."""
    with prepared_cursor() as cursor:
        cursor.execute(statement, {"person": actor.pk, "key": key, "number": number})
        row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        assert key is not None  # without one there is nothing to be in the way
        raise AlreadySent(SubmissionKey.objects.get(person_id=actor.pk, key=key).initiative_number)
    return row


def _too_many(until: datetime) -> InvalidInput:
    """Return the refusal of what somebody may send again from ``until`` (UTC) on."""
    language = get_language() or "vi"
    words = {
        "hour": format_count(AN_HOUR, language),
        "day": format_count(A_DAY, language),
        "until": format_cutoff_long(until + timedelta(minutes=1), language),  # it drops the seconds
    }
    said = _(
        "At most %(hour)s initiatives an hour and %(day)s a day can be sent with this form. You can go on from"
        " %(until)s."
    )
    return InvalidInput(said % words, code="too_many_sent")
