"""Who may set targets and rules."""

from __future__ import annotations

from datetime import datetime

from sangkien.people.models import Person
from sangkien.programmes.models import Programme
from sangkien.units.models import Role, Unit
from sangkien.units.rules import administers, holds_role_over, runs_programmes_of


def may_assign_target(person: Person, unit: Unit, at: datetime) -> bool:
    """An assigned target comes from above: from whoever administers a unit above (the top one assigns its own)."""
    return administers(person, unit.path[:-1] or unit.path, at)


def may_register_target(person: Person, unit: Unit, at: datetime) -> bool:
    """A registered target is the unit's own."""
    return administers(person, unit.path, at)


def may_spread_targets(person: Person, parent: Unit, at: datetime) -> bool:
    """Targets are spread over the units directly below by whoever administers the unit above them."""
    return administers(person, parent.path, at)


def may_revise_rules(person: Person, programme: Programme, at: datetime) -> bool:
    """What counts in a programme, and how it is verified, is decided by whoever runs it: a programme administrator of
    the unit that runs it, or who administers that unit.
    """
    path = programme.owner.path
    return runs_programmes_of(person, path, at) or administers(person, path, at)


def may_read_settings(person: Person, programme: Programme, at: datetime) -> bool:
    """Whoever may revise its rules, and who audits it."""
    return may_revise_rules(person, programme, at) or holds_role_over(person, Role.AUDITOR, programme.owner.path, at)
