"""Who may read more than the public does."""

from __future__ import annotations

from datetime import datetime

from sangkien.people.models import Person
from sangkien.units.models import Role, Unit
from sangkien.units.rules import holds_role_over


def may_read_overview(person: Person, unit: Unit, at: datetime) -> bool:
    """Whoever holds any role over the unit: how it is doing, what is unusual there, and all of it as a spreadsheet."""
    return any(holds_role_over(person, role, unit.path, at) for role in Role)
