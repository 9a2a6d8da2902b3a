"""What officers do with their accounts stands in the record of the units that they work for."""

from __future__ import annotations

from django.db import transaction

from sangkien.audit.actions import record
from sangkien.core.moments import event_moment
from sangkien.people.models import Person
from sangkien.units.models import Role
from sangkien.units.queries import heads_of


@transaction.atomic
def note_officer(*, actor: Person, what: str, **details: str) -> int:
    """Write into the record that an officer signed in, or changed how they do; return how many entries that made.

    One entry for each unit at the head of what they hold a role over, none for a member who holds none.
    """
    if not actor.is_active:
        return 0
    at = event_moment()
    heads = heads_of(actor, tuple(Role), at)
    for unit in heads:
        record(
            actor=actor,
            at=at,
            action=what,
            subject_kind="person",
            subject=str(actor.pk),
            unit_path=unit.path,
            details=details,
        )
    return len(heads)
