"""Who holds which role over a unit, and why: for the page of rights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import NotFound
from sangkien.core.vietnamese import normalise
from sangkien.people.models import Person
from sangkien.people.queries import person_by_contact
from sangkien.units.models import Role, RoleGrant, Unit
from sangkien.units.rules import giving_role, grants_held_over, in_force

MAX_OVER: Final = 500
"""Grants over one unit that are listed at most."""
_POSSESSIONS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True, slots=True)
class Held:
    """A grant that reaches a unit; ``inherited_from`` is the unit above by which, None for a grant of its own."""

    grant: RoleGrant
    inherited_from: Unit | None


def grants_over(unit: Unit, at: datetime) -> list[Held]:
    """Return every grant that reaches ``unit`` at ``at``: its own first, then those above, the nearest first.

    Above is also what is above it today, where it or a unit above it has been followed. Closed accounts are left out.
    One query.
    """
    reaching = {*unit.path, *unit.today_path}
    found = _whole(in_force(RoleGrant.objects.filter(unit_id__in=reaching), at))[:MAX_OVER]
    held = [Held(one, None if one.unit_id == unit.pk else one.unit) for one in found]
    return sorted(held, key=lambda one: (one.inherited_from is not None, -len(one.grant.unit.path), _order(one.grant)))


def grants_below(unit: Unit, at: datetime, after: int | None = None, limit: int = 50) -> list[RoleGrant]:
    """Return the grants over units below ``unit`` at ``at``, the newest first, those with an id below ``after``."""
    below = in_force(RoleGrant.objects.filter(unit__path__contains=[unit.pk]).exclude(unit_id=unit.pk), at)
    if after is not None:
        below = below.filter(pk__lt=after)
    return list(_whole(below).order_by("-pk")[:limit])


def get_grant(grant_id: int) -> RoleGrant:
    """Return a grant with its person, unit and who gave it. Raises NotFound."""
    found = _whole(RoleGrant.objects.filter(pk=grant_id)).first()
    if found is None:
        raise NotFound(_("There is no such role here."))
    return found


def secured(people: Iterable[int]) -> frozenset[int]:
    """Return who of these (ids) have set up a second factor, recovery codes not counted. One query."""
    found = Authenticator.objects.filter(user_id__in=set(people), type__in=_POSSESSIONS)
    return frozenset(found.values_list("user_id", flat=True))


def find_person(known_as: str) -> Person | None:
    """Return whoever has exactly this user name, or has shown that this e-mail address or mobile number is theirs.

    Nobody is found by a part of either, so that nobody can look around among the accounts.
    """
    typed = normalise(known_as)
    if not typed.isprintable():
        return None
    named = Person.objects.filter(username=typed, is_active=True, is_system=False).first() if typed else None
    return named or person_by_contact(typed)


def own_end(actor: Person, role: Role, unit: Unit, at: datetime) -> datetime | None:
    """Return when the actor's own right to give ``role`` over ``unit`` ends; None: it has no end."""
    ends = list(grants_held_over(actor, (giving_role(role),), unit.path, at).values_list("until", flat=True))
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


@dataclass(frozen=True, slots=True)
class Reach:
    """Where somebody may give and take away which roles, asked once for a whole page."""

    person_id: int
    units: dict[Role, frozenset[int]]

    def may_give(self, role: Role, unit: Unit) -> bool:
        """Say whether they may give ``role`` over ``unit`` (as ``rules.may_grant``)."""
        return not self.units[giving_role(role)].isdisjoint((*unit.path, *unit.today_path))

    def may_end(self, grant: RoleGrant) -> bool:
        """Say whether they may take this away (as ``rules.may_end``)."""
        return grant.person_id == self.person_id or self.may_give(Role(grant.role), grant.unit)


def reach_of(person: Person, at: datetime) -> Reach:
    """Return over which units ``person`` may give which roles at ``at``. One query."""
    units: dict[Role, frozenset[int]] = {giving_role(role): frozenset() for role in Role}
    if person.is_authenticated and person.is_active:
        held = in_force(RoleGrant.objects.filter(person_id=person.pk, role__in=units), at)
        for role, unit_id in held.values_list("role", "unit_id"):
            units[Role(role)] |= {unit_id}
    return Reach(person.pk, units)


def _whole(grants: QuerySet[RoleGrant]) -> QuerySet[RoleGrant]:
    """Return the grants of open accounts with all that a line about them names."""
    return grants.filter(person__is_active=True).select_related("person", "unit", "granted_by", "ended_by")


def _order(grant: RoleGrant) -> tuple[int, str, int]:
    """Return where a grant stands among those over one unit: by role, then by name."""
    return list(Role).index(Role(grant.role)), grant.person.full_name, grant.pk
