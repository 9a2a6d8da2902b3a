"""The key under which something is sent once: double clicks, the back button and second devices change nothing."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from django.db import connection

from sangkien.initiatives.errors import AlreadySent
from sangkien.initiatives.models import SubmissionKey
from sangkien.people.models import Person

# A second sending at the same moment waits here, by the unique index, until the first has committed or failed. The
# number of a new initiative is taken at once, and whether there is a draft under the key is asked on the way.
_TAKE = """
INSERT INTO initiatives_submission_key (person_id, key, initiative_number, at)
VALUES (%(person)s, %(key)s,
        coalesce(%(number)s, nextval(pg_get_serial_sequence('initiatives_initiative', 'id'))), clock_timestamp())
ON CONFLICT DO NOTHING
RETURNING initiative_number, EXISTS (SELECT FROM initiatives_draft WHERE id = %(key)s AND owner_id = %(person)s)
"""
_NEXT = "SELECT coalesce(%(number)s, nextval(pg_get_serial_sequence('initiatives_initiative', 'id'))), FALSE"


class Taken(NamedTuple):
    """The initiative that is sent under a key, and whether the sender has a draft of that name."""

    number: int
    has_draft: bool


def take_key(actor: Person, key: UUID | None, number: int | None = None) -> Taken:
    """Use a key for the initiative with this number, or a new one. Raises AlreadySent when it has been used.

    First thing in the transaction that sends. Without a key there is only the number.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE if key else _NEXT, {"person": actor.pk, "key": key, "number": number})
        row = cursor.fetchone()
    if row is None and key is not None:
        raise AlreadySent(SubmissionKey.objects.get(person_id=actor.pk, key=key).initiative_number)
    return Taken(*row)
