"""Second looks for many: what ``actions.second_looks`` does for one, in as many queries whatever their number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sangkien.initiatives.lots import cause_of_look
from sangkien.initiatives.models import Initiative, SecondLook
from sangkien.people.models import Person
from sangkien.programmes.models import Programme
from sangkien.programmes.verification import decision_due, verification_terms
from sangkien.units.models import Role, RoleGrant, Unit
from sangkien.units.rules import in_force


def pick_second_looks(decided: Sequence[tuple[Initiative, int]], officer: Person, at: datetime) -> None:
    """Have looked at again what is picked of what ``officer`` has just found valid by the events of these numbers."""
    programmes = Programme.objects.in_bulk({one.programme_id for one, _number in decided})
    terms = {pk: verification_terms(programme, at) for pk, programme in programmes.items()}
    picked = [
        (one, number, cause)
        for one, number in decided
        if (cause := cause_of_look(one.pk, one.benefit_verified, terms[one.programme_id])) is not None
    ]
    if not picked:
        return
    levels = LevelsAbove(officer, at, [one.unit_path[-1] for one, _number, _cause in picked])
    looks = []
    for one, number, cause in picked:
        unit = levels.of(one.unit_path)
        looks.append(
            SecondLook(
                initiative_id=one.pk,
                number=number,
                unit=unit,
                unit_path=unit.path,
                cause=cause,
                made_at=at,
                due_at=decision_due(terms[one.programme_id], at),
            )
        )
    SecondLook.objects.bulk_create(looks)


class LevelsAbove:
    """Which level looks again at what an officer decided at one moment: ``level_above``, for these units (ids)."""

    def __init__(self, officer: Person, at: datetime, unit_ids: Sequence[int]) -> None:
        grants = in_force(RoleGrant.objects.filter(person_id=officer.pk, role=Role.VERIFIER), at)
        held = Unit.objects.filter(pk__in=grants.values("unit_id")).select_related("parent")
        # The nearest first: the first that is on a path, or on the unit's path of today, is the one.
        self._held = sorted(held, key=lambda unit: (-len(unit.path), unit.pk))
        self._today = dict(Unit.objects.filter(pk__in=set(unit_ids)).values_list("pk", "today_path"))

    def of(self, unit_path: Sequence[int]) -> Unit:
        """Return the level above. Raises LookupError where the officer verifies nothing of this path."""
        above = {*unit_path, *self._today[unit_path[-1]]}
        for unit in self._held:
            if unit.pk in above:
                return unit.parent or unit
        raise LookupError(f"no right over {unit_path}")
