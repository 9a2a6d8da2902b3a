"""Which of many initiatives somebody may decide on now: what a single decision asks, asked of all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from sangkien.initiatives.models import Author, BulkItem, Initiative, Response
from sangkien.initiatives.states import EventKind, State
from sangkien.people.models import Person
from sangkien.units.models import Role, RoleGrant, Unit
from sangkien.units.rules import in_force

KINDS = (EventKind.VALIDATED, EventKind.RETURNED, EventKind.INVALIDATED)
"""What can be decided about many at once: everything about what waits."""
COLUMNS = (
    *("programme_id", "phase_id", "unit_path", "category", "kind", "field_id", "benefit_claimed", "benefit_verified"),
    *("state", "submitted_at", "flags", "submitter_id"),
)
"""What is read of each initiative: nothing long."""


class Judge:
    """What is known of many initiatives at one moment, in three queries whatever their number."""

    def __init__(self, person: Person, kind: EventKind, initiatives: Sequence[Initiative], at: datetime) -> None:
        self._person, self._kind = person, kind
        held = in_force(RoleGrant.objects.filter(person_id=person.pk, role=Role.VERIFIER), at)
        self._heads = frozenset(held.values_list("unit_id", flat=True)) if person.is_active else frozenset()
        units = Unit.objects.filter(pk__in={one.unit_path[-1] for one in initiatives})
        self._today = dict(units.values_list("pk", "today_path"))
        numbers = [one.pk for one in initiatives]
        telling = Author.objects.filter(initiative_id__in=numbers).filter(
            Q(person_id=person.pk) | Q(number=1, response=Response.DECLINED)
        )
        self._own: set[int] = set()
        self._objected: set[int] = set()
        for number, person_id, author, response in telling.values_list(
            "initiative_id", "person_id", "number", "response"
        ):
            if person_id == person.pk:
                self._own.add(number)
            if author == 1 and response == Response.DECLINED:
                self._objected.add(number)

    def verifies_anything(self) -> bool:
        """Say whether the person is a verifier anywhere."""
        return bool(self._heads)

    def is_own(self, initiative: Initiative) -> bool:
        """Say whether the person entered it, or is an author of it."""
        return initiative.submitter_id == self._person.pk or initiative.pk in self._own

    def _verifies_in(self, unit_path: Sequence[int]) -> bool:
        """Say whether the person verifies in the unit with this path, as it stood or stands today (``units.rules``)."""
        return not self._heads.isdisjoint([*unit_path, *self._today[unit_path[-1]]])

    def outcome(self, initiative: Initiative) -> BulkItem.Outcome:
        """Return what would become of it: ``DONE``, or why nothing."""
        if self.is_own(initiative) or not self._verifies_in(initiative.unit_path):
            return BulkItem.Outcome.NOT_ALLOWED
        if initiative.state != State.SUBMITTED:
            return BulkItem.Outcome.CHANGED
        if self._kind == EventKind.VALIDATED and initiative.pk in self._objected:
            return BulkItem.Outcome.OBJECTED
        return BulkItem.Outcome.DONE
