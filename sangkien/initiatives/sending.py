"""What the portal knows already of a form that somebody sends, read in one round trip to the database."""

from __future__ import annotations

from typing import Final, NamedTuple
from uuid import UUID

from sangkien.core.questions import Question, ask_together
from sangkien.initiatives.models import Draft, SubmissionKey
from sangkien.people.models import Person
from sangkien.programmes.models import Field, Programme
from sangkien.programmes.queries import NEWEST
from sangkien.units.models import Unit
from sangkien.units.queries import UNIT_OF

_OWN_DRAFT: Final = Question(
    Draft,
    f"""WHERE id = %(draft)s AND owner_id = %(person)s AND NOT EXISTS
        (SELECT FROM {SubmissionKey._meta.db_table} WHERE person_id = %(person)s AND key = %(draft)s)""",
)
_FIELD: Final = Question(Field, "WHERE code = %(field)s")


class Known(NamedTuple):
    """What is there when a form is sent; each is None as long as there is none.

    ``draft`` is the sender's own, not sent yet; ``programme`` is the draft's, or else the one that began last;
    ``unit`` is where the sender is a member; ``field`` is the field of work that the form names.
    """

    draft: Draft | None
    programme: Programme | None
    unit: Unit | None
    field: Field | None


def known_of(person: Person, draft_id: UUID, field_code: str) -> Known:
    """Return what is known of the form with this id, which ``person`` sends.

    One statement, unless the draft is of an earlier programme.
    """
    code = field_code if field_code.isprintable() else ""  # the database takes no NUL in a text
    draft, programme, unit, field = ask_together(
        [_OWN_DRAFT, NEWEST, UNIT_OF, _FIELD], person=person.pk, draft=draft_id, field=code
    )
    if draft and programme and draft.programme_id == programme.pk:
        draft.programme = programme
    return Known(draft, draft.programme if draft else programme, unit, field)
