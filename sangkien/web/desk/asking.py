"""The unit that a page of the desk is about, when it is named by typing: its code, or a name that several may have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest

from sangkien.core import clock
from sangkien.core.errors import NotFound
from sangkien.people.models import Person
from sangkien.units.models import Role, Unit
from sangkien.units.queries import heads_of
from sangkien.units.scopes import scope_of
from sangkien.web.desk.scope import chosen_unit
from sangkien.web.profile.choosing import PlacedUnit, read_choice


@dataclass(frozen=True, slots=True)
class Asked:
    """``unit`` is what the page shows; ``typed`` what was asked for, if it is no unit of the person's own.

    ``offered`` are units of theirs that it may mean.
    """

    unit: Unit
    typed: str = ""
    offered: list[PlacedUnit] = field(default_factory=list)

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return 404 if self.typed and not self.offered else 200


def asked_unit(request: HttpRequest, person: Person, roles: Sequence[Role]) -> Asked:
    """Return the unit that ``?don-vi=`` names, or else the highest of the person's own and what may be meant.

    Raises NotAllowed for somebody who holds none of these roles. Whether a unit of others exists is not told.
    """
    try:
        return Asked(chosen_unit(request, person, roles))
    except NotFound:
        now = clock.now()
        reach = scope_of(person, now, roles)
        typed = request.GET.get("don-vi", "")
        choice = read_choice(typed, within=reach.heads)
        if choice.unit is not None and reach.reaches(choice.unit.path):  # its code, in whatever letters
            return Asked(choice.unit)
        offered = [one for one in choice.offered if reach.reaches(one.unit.path)]
        return Asked(heads_of(person, roles, now)[0], typed, offered)
