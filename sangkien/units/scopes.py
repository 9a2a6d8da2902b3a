"""How far somebody's rights reach, as what lists can ask for: parts of the tree, less what has moved out of them.

``rules.grants_held_over`` says the same of one unit: it counts where the unit stood and where it stands today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Q

from sangkien.people.models import Person
from sangkien.units.models import Role, Unit

# ``held`` reach what is below them and what they followed. What had moved elsewhere before the unit above it was
# followed has not come along: it goes with what has followed it (RolledUnit, sign -1).
_SCOPE: Final = """
WITH RECURSIVE held(id) AS ({held}),
heads(id) AS (
    SELECT id FROM held
     UNION
    SELECT r.source_id FROM units_rolled_unit r JOIN held ON r.unit_id = held.id WHERE r.sign = 1
),
moved(id) AS (
    SELECT r.source_id FROM units_rolled_unit r JOIN held ON r.unit_id = held.id JOIN units_unit u ON u.id = r.source_id
     WHERE r.sign = -1 AND r.unit_id <> ALL (u.path)
     UNION
    SELECT u.id FROM units_unit u JOIN moved ON u.parent_id = moved.id
)
SELECT id, TRUE FROM heads
 UNION ALL
SELECT u.id, FALSE FROM moved JOIN units_unit u ON u.id = moved.id
 WHERE NOT EXISTS (SELECT FROM held WHERE held.id = ANY (u.path || u.today_path))
"""
_OF_PERSON: Final = _SCOPE.format(
    held="""
    SELECT unit_id FROM units_role_grant
     WHERE person_id = %(person)s AND role = ANY (%(roles)s)
       AND since <= %(at)s AND (until IS NULL OR until > %(at)s)
    """
)
_OF_UNIT: Final = _SCOPE.format(held="SELECT %(unit)s::int")


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything at and below the units ``heads`` (ids), except the units ``without``, each by itself."""

    heads: Sequence[int] = ()
    without: Sequence[int] = ()

    def __bool__(self) -> bool:
        """Whether it reaches anything."""
        return bool(self.heads)

    def reaches(self, path: Sequence[int]) -> bool:
        """Say whether the unit with this path is in it."""
        return not set(self.heads).isdisjoint(path) and path[-1] not in self.without

    def within(self, path: str = "unit_path", unit: str = "unit_id") -> Q:
        """Return the condition of rows in it; ``path`` and ``unit`` name the fields of their unit's path and id."""
        inside = Q(**{f"{path}__overlap": list(self.heads)})
        return inside & ~Q(**{f"{unit}__in": list(self.without)}) if self.without else inside


def scope_of(person: Person, at: datetime, roles: Sequence[Role] = tuple(Role)) -> Scope:
    """Return what ``person`` holds any role over at ``at``, or one of these ``roles``. One query.

    Nothing for somebody without an open account.
    """
    if not person.is_authenticated or not person.is_active:
        return Scope()
    return _ask(_OF_PERSON, {"person": person.pk, "roles": [str(role) for role in roles], "at": at})


def scope_of_unit(unit: Unit) -> Scope:
    """Return what stands below ``unit`` or stands there today: itself, and what it followed. One query."""
    return _ask(_OF_UNIT, {"unit": unit.pk})


def _ask(sql: str, values: dict[str, Any]) -> Scope:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    return Scope(
        tuple(sorted(pk for pk, is_head in rows if is_head)), tuple(sorted(pk for pk, is_head in rows if not is_head))
    )
