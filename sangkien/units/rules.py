"""Who may do what over which part of the tree, as named rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from sangkien.people.models import Person
from sangkien.units.models import Role, RoleGrant, RolledUnit, UnitRequest


def holds_role_over(person: Person, role: Role, unit_path: Sequence[int], at: datetime) -> bool:
    """Say whether ``person`` holds ``role`` at ``at`` over the unit with this path or any unit above it.

    Above is what was above, and what is above what has followed it: the officers of a merged federation answer for
    what its predecessors left behind.
    """
    if not person.is_authenticated or not person.is_active:
        return False
    path = list(unit_path)
    followed = RolledUnit.objects.filter(source_id__in=path, sign=1).values("unit_id")
    return (
        RoleGrant.objects.filter(person_id=person.pk, role=role, since__lte=at)
        .filter(Q(unit_id__in=path) | Q(unit_id__in=followed))
        .filter(Q(until__isnull=True) | Q(until__gt=at))
        .exists()
    )


def verifies_in(person: Person, unit_path: Sequence[int], at: datetime) -> bool:
    """Say whether ``person`` may verify initiatives of the unit with this path."""
    return holds_role_over(person, Role.VERIFIER, unit_path, at)


def administers(person: Person, unit_path: Sequence[int], at: datetime) -> bool:
    """Say whether ``person`` runs the unit with this path: its targets, its rights, its name."""
    return holds_role_over(person, Role.UNIT_ADMINISTRATOR, unit_path, at)


SETTLING_ROLES = (Role.VERIFIER, Role.UNIT_ADMINISTRATOR)
"""Who answers when somebody does not find their unit."""


def may_settle(person: Person, request: UnitRequest, at: datetime) -> bool:
    """Say whether ``person`` may settle or refuse a request: with such a role over ``above``, and not one's own."""
    if request.person_id == person.pk:
        return False
    return any(holds_role_over(person, role, request.above.path, at) for role in SETTLING_ROLES)


def settles_over(person: Person, at: datetime) -> list[int]:
    """Return the ids of the units at the head of what ``person`` settles requests for."""
    return _units_of(person, SETTLING_ROLES, at)


def subtree_ids_of(person: Person, at: datetime) -> list[int]:
    """Return the ids of the units over which ``person`` holds any role at ``at``."""
    return _units_of(person, tuple(Role), at)


def _units_of(person: Person, roles: Sequence[Role], at: datetime) -> list[int]:
    """Return the ids of the units over which ``person`` holds one of the roles at ``at``, and of what they followed."""
    if not person.is_authenticated or not person.is_active:
        return []
    held = (
        RoleGrant.objects.filter(person_id=person.pk, role__in=roles, since__lte=at)
        .filter(Q(until__isnull=True) | Q(until__gt=at))
        .values("unit_id")
    )
    inherited = RolledUnit.objects.filter(unit_id__in=held, sign=1).values("source_id")
    return list(held.values_list("unit_id", flat=True).union(inherited.values_list("source_id", flat=True)))
