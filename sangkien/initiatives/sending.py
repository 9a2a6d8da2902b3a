"""What the portal knows already of a form that somebody sends, read in one round trip to the database.

Sending is what a portal is busiest with. The questions are therefore written out, not composed anew for every form,
and asked together; each is a small one by a key.
"""

from __future__ import annotations

from typing import Any, Final, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model

from sangkien.initiatives.models import Draft, SubmissionKey
from sangkien.people.models import Person
from sangkien.programmes.models import Field, Programme
from sangkien.units.models import Membership, Unit

Row = TypeVar("Row", bound=Model)


class Known(NamedTuple):
    """What is there when a form is sent; each is None as long as there is none.

    ``draft`` is the sender's own that has not been sent, ``programme`` the draft's, or else the one that began last;
    ``unit`` is where the sender is a member, ``field`` the field of work that the form names.
    """

    draft: Draft | None
    programme: Programme | None
    unit: Unit | None
    field: Field | None


def known_of(person: Person, draft_id: UUID, field_code: str) -> Known:
    """Return what is known of the form with this id, which ``person`` sends. One statement, unless the draft is of an
    earlier programme.
    """
    code = field_code if field_code.isprintable() else ""  # the database takes no NUL in a text
    with connection.cursor() as cursor:
        cursor.execute(_TOGETHER, {"person": person.pk, "draft": draft_id, "field": code})
        draft = _DRAFT.made_of(cursor.fetchone())
        cursor.nextset()
        programme = _PROGRAMME.made_of(cursor.fetchone())
        cursor.nextset()
        unit = _UNIT.made_of(cursor.fetchone())
        cursor.nextset()
        field = _FIELD.made_of(cursor.fetchone())
    if draft and programme and draft.programme_id == programme.pk:
        draft.programme = programme
    return Known(draft, draft.programme if draft else programme, unit, field)


class _Question(Generic[Row]):
    """A question for one row of a model, written out once; ``rest`` is all that follows the table."""

    def __init__(self, model: type[Row], rest: str) -> None:
        fields = model._meta.concrete_fields
        table = model._meta.db_table
        self.model = model
        self.names = [field.attname for field in fields]
        self.sql = f"SELECT {', '.join(f'{table}.{field.column}' for field in fields)} FROM {table} {rest}"
        # What the database gives as another type than the model has: texts with JSON in them.
        reads = ((at, getattr(field, "from_db_value", None)) for at, field in enumerate(fields))
        self.reads = [(at, read) for at, read in reads if read]

    def made_of(self, row: tuple[Any, ...] | None) -> Row | None:
        """Return the row as an object of the model."""
        if row is None:
            return None
        values = list(row)
        for at, read in self.reads:
            values[at] = read(values[at], None, connection)
        return self.model.from_db(connection.alias, self.names, values)


_KEYS: Final = SubmissionKey._meta.db_table
_MEMBERS: Final = Membership._meta.db_table
_DRAFT: Final = _Question(
    Draft,
    f"""WHERE id = %(draft)s AND owner_id = %(person)s
          AND NOT EXISTS (SELECT FROM {_KEYS} WHERE person_id = %(person)s AND key = %(draft)s)""",
)
_PROGRAMME: Final = _Question(Programme, "ORDER BY starts_at DESC, id DESC LIMIT 1")
_UNIT: Final = _Question(
    Unit,
    f"WHERE id = (SELECT unit_id FROM {_MEMBERS} WHERE person_id = %(person)s AND until IS NULL ORDER BY id LIMIT 1)",
)
_FIELD: Final = _Question(Field, "WHERE code = %(field)s")
_TOGETHER: Final = ";\n".join(question.sql for question in (_DRAFT, _PROGRAMME, _UNIT, _FIELD))
