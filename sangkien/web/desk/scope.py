"""Over which units somebody works at the desk: what every page of it asks first."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest

from sangkien.core import clock
from sangkien.core.errors import NotAllowed, NotFound
from sangkien.people.models import Person
from sangkien.units.models import Role, Unit
from sangkien.units.queries import get_unit, heads_of
from sangkien.units.rules import holds_role_over

READERS = tuple(Role)
"""Who may look at how a unit is doing: whoever holds any role over it."""


def chosen_unit(request: HttpRequest, person: Person, roles: Sequence[Role] = READERS) -> Unit:
    """Return the unit that the page is about: the one that ``?don-vi=`` names, or else the highest of the person's own.

    Raises NotAllowed for somebody who holds none of these roles anywhere, and NotFound for a unit that does not exist
    or over which they hold none: nobody is told which of the two.
    """
    now = clock.now()
    heads = heads_of(person, roles, now)
    if not heads:
        raise NotAllowed
    code = request.GET.get("don-vi", "")
    if not code:
        return heads[0]
    unit = get_unit(code)
    if not any(holds_role_over(person, role, unit.path, now) for role in roles):
        raise NotFound
    return unit
