"""Which units an officer may look at, and where they stand among them."""

from __future__ import annotations

from sangkien.core import clock
from sangkien.core.errors import NotAllowed, NotFound
from sangkien.people.models import Person
from sangkien.units.models import Unit
from sangkien.units.queries import ancestors, get_unit, heads_of
from sangkien.units.rules import grants_held_over
from sangkien.web.desk.scope import READERS


def own_unit(person: Person, code: str) -> Unit:
    """Return a unit over which the officer holds some role.

    Raises NotAllowed for whoever holds none anywhere, and NotFound for a unit that does not exist or is not theirs.
    """
    now = clock.now()
    if not heads_of(person, READERS, now):
        raise NotAllowed
    unit = get_unit(code.upper())
    if not grants_held_over(person, READERS, unit.path, now).exists():
        raise NotFound
    return unit


def above_of(person: Person, unit: Unit) -> list[Unit]:
    """Return the units above this one over which the person holds a role, the highest first."""
    heads = {head.pk for head in heads_of(person, READERS, clock.now())}
    return [one for one in ancestors(unit) if heads.intersection(one.path)]
