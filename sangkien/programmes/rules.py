"""Who may set targets and rules."""

from __future__ import annotations

from datetime import datetime

from sangkien.people.models import Person
from sangkien.programmes.models import Programme
from sangkien.units.models import Unit
from sangkien.units.rules import administers


def may_assign_target(person: Person, unit: Unit, at: datetime) -> bool:
    """An assigned target comes from above: from whoever administers a unit above (the top one assigns its own)."""
    return administers(person, unit.path[:-1] or unit.path, at)


def may_register_target(person: Person, unit: Unit, at: datetime) -> bool:
    """A registered target is the unit's own."""
    return administers(person, unit.path, at)


def may_revise_rules(person: Person, programme: Programme, at: datetime) -> bool:
    """What counts in a programme is decided by whoever administers the unit that runs it."""
    return administers(person, programme.owner.path, at)
