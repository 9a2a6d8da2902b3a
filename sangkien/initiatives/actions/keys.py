"""The key under which something is sent once: double clicks, the back button and second devices change nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from sangkien.core.statements import prepared_cursor
from sangkien.initiatives.errors import AlreadySent
from sangkien.initiatives.models import SubmissionKey
from sangkien.people.models import Person

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
# For a new initiative its number and its moment come along: what is returned is worked out after the row went in, so
# the moment is taken (lock first, then the clock: see ``core.moments``) after any waiting.
_TAKE_NEW = _TAKE.format(number=_NEXT) + ", event_moment()"
_NEW_WITHOUT_KEY = f"SELECT {_NEXT}, FALSE, event_moment()"


class Begun(NamedTuple):
    """A new initiative being sent: its number, whether the sender has a draft under the key, and the moment (UTC)."""

    number: int
    has_draft: bool
    at: datetime


def begin_new(actor: Person, key: UUID | None) -> Begun:
    """Use a key for a new initiative and take the event's moment. Raises AlreadySent when the key has been used.

    First thing in the transaction that sends, and in place of ``event_moment()``.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a moment is taken inside a transaction")
    row = _taken(_TAKE_NEW if key else _NEW_WITHOUT_KEY, actor, key)
    return Begun(*row)


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
