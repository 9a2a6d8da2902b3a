"""Who may do what over which part of the tree, as named rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from sangkien.people.models import Person
from sangkien.units.models import Role, RoleGrant, UnitRequest


def holds_role_over(person: Person, role: Role, unit_path: Sequence[int], at: datetime) -> bool:
    """Say whether ``person`` holds ``role`` at ``at`` over the unit with this path or any unit above it."""
    if not person.is_authenticated or not person.is_active:
        return False
    return (
        RoleGrant.objects.filter(person_id=person.pk, role=role, unit_id__in=list(unit_path), since__lte=at)
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
    """Return the ids of the units over which ``person`` holds one of the roles at ``at``."""
    if not person.is_authenticated or not person.is_active:
        return []
    return list(
        RoleGrant.objects.filter(person_id=person.pk, role__in=roles, since__lte=at)
        .filter(Q(until__isnull=True) | Q(until__gt=at))
        .values_list("unit_id", flat=True)
        .distinct()
    )
