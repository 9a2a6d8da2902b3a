"""Who may do what over which part of the tree, as named rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Func, Q, QuerySet

from sangkien.people.models import Person
from sangkien.units.models import Role, RoleGrant, Unit, UnitRequest
from sangkien.units.scopes import Scope, scope_of


def holds_role_over(person: Person, role: Role, unit_path: Sequence[int], at: datetime) -> bool:
    """Say whether ``person`` holds ``role`` at ``at`` over the unit with this path or any unit above it.

    Above is what was above, and what is above what has followed it: the officers of a merged federation answer for
    what its predecessors left behind.
    """
    return grants_held_over(person, (role,), unit_path, at).exists()


def grants_held_over(
    person: Person, roles: Sequence[Role], unit_path: Sequence[int], at: datetime
) -> QuerySet[RoleGrant]:
    """Return by which grants ``person`` holds one of the roles over the unit with this path."""
    if not person.is_authenticated or not person.is_active:
        return RoleGrant.objects.none()
    path = list(unit_path)
    today = Unit.objects.filter(pk__in=path[-1:]).values(above=Func("today_path", function="unnest"))
    return in_force(RoleGrant.objects.filter(person_id=person.pk, role__in=roles), at).filter(
        Q(unit_id__in=path) | Q(unit_id__in=today)
    )


def in_force(grants: QuerySet[RoleGrant], at: datetime) -> QuerySet[RoleGrant]:
    """Return those of the grants that hold at ``at``."""
    return grants.filter(since__lte=at).filter(Q(until__isnull=True) | Q(until__gt=at))


def verifies_in(person: Person, unit_path: Sequence[int], at: datetime) -> bool:
    """Say whether ``person`` may verify initiatives of the unit with this path."""
    return holds_role_over(person, Role.VERIFIER, unit_path, at)


def administers(person: Person, unit_path: Sequence[int], at: datetime) -> bool:
    """Say whether ``person`` runs the unit with this path: its targets, its rights, its name."""
    return holds_role_over(person, Role.UNIT_ADMINISTRATOR, unit_path, at)


def runs_programmes_of(person: Person, unit_path: Sequence[int], at: datetime) -> bool:
    """Say whether ``person`` runs the programmes of the unit with this path: their rules, terms and settings."""
    return holds_role_over(person, Role.PROGRAMME_ADMINISTRATOR, unit_path, at)


# --- the tree -----------------------------------------------------------------------------------------------------


def may_open_below(person: Person, parent: Unit, at: datetime) -> bool:
    """Whoever administers the unit below which one is opened."""
    return administers(person, parent.path, at)


def may_rename(person: Person, unit: Unit, at: datetime) -> bool:
    """Whoever administers the unit itself: its name is its own."""
    return administers(person, unit.path, at)


def may_close(person: Person, unit: Unit, at: datetime) -> bool:
    """Whoever administers the unit above it (for the one at the top, itself): nobody closes what they only run."""
    return administers(person, unit.path[:-1] or unit.path, at)


def may_move(person: Person, unit: Unit, to: Unit, at: datetime) -> bool:
    """Whoever administers the unit above it and the one below which it goes."""
    return may_close(person, unit, at) and administers(person, to.path, at)


def may_merge(person: Person, units: Sequence[Unit], into: Unit | None, at: datetime) -> bool:
    """Whoever administers what is above every one of the units, and above the one that follows them if it exists."""
    return bool(units) and all(may_close(person, unit, at) for unit in (*units, *([into] if into else [])))


# --- rights -------------------------------------------------------------------------------------------------------

UNIT_ROLES = (Role.VERIFIER, Role.UNIT_ADMINISTRATOR, Role.VIEWER)
"""Roles that whoever administers a unit may give over it."""
PROGRAMME_ROLES = (Role.PROGRAMME_ADMINISTRATOR, Role.AUDITOR)
"""Roles that only a programme administrator may give."""


def giving_role(role: Role) -> Role:
    """Return which role one must hold over a unit to give ``role`` over it, and to take it away."""
    return Role.PROGRAMME_ADMINISTRATOR if role in PROGRAMME_ROLES else Role.UNIT_ADMINISTRATOR


def may_grant(person: Person, role: Role, unit: Unit, at: datetime) -> bool:
    """Whoever administers the unit or one above gives roles over it, a programme administrator those for programmes."""
    return holds_role_over(person, giving_role(role), unit.path, at)


def may_end(person: Person, grant: RoleGrant, at: datetime) -> bool:
    """Whoever may grant it; and everybody may lay down their own."""
    if grant.person_id == person.pk:
        return person.is_authenticated and person.is_active
    return may_grant(person, Role(grant.role), grant.unit, at)


# --- the record ---------------------------------------------------------------------------------------------------

RECORD_READERS = (Role.UNIT_ADMINISTRATOR, Role.PROGRAMME_ADMINISTRATOR, Role.AUDITOR)
ORIGIN_READERS = (Role.PROGRAMME_ADMINISTRATOR, Role.AUDITOR)
"""Who is also shown the address that something was done from: personal data, for those who look into misuse."""


def may_read_record(person: Person, unit: Unit, at: datetime) -> bool:
    """Whoever administers the unit, its programmes, or audits them, there or above."""
    return grants_held_over(person, RECORD_READERS, unit.path, at).exists()


def may_see_origins(person: Person, unit: Unit, at: datetime) -> bool:
    """Programme administrators and auditors."""
    return grants_held_over(person, ORIGIN_READERS, unit.path, at).exists()


# --- people who miss their unit -----------------------------------------------------------------------------------

SETTLING_ROLES = (Role.VERIFIER, Role.UNIT_ADMINISTRATOR)
"""Who answers when somebody does not find their unit."""


def may_settle(person: Person, request: UnitRequest, at: datetime) -> bool:
    """Say whether ``person`` may settle or refuse a request: with such a role over ``above``, and not one's own."""
    if request.person_id == person.pk:
        return False
    return any(holds_role_over(person, role, request.above.path, at) for role in SETTLING_ROLES)


def settles_over(person: Person, at: datetime) -> Scope:
    """Return that in which ``person`` settles requests."""
    return scope_of(person, at, SETTLING_ROLES)
