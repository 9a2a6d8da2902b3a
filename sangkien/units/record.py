"""The record of a unit and everything below it, for those who answer for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q

from sangkien.audit.models import AuditEntry
from sangkien.audit.queries import Cursor, RecordPage, Search, find_entries
from sangkien.core import clock
from sangkien.core.errors import NotAllowed
from sangkien.core.vietnamese import normalise
from sangkien.people.models import Person
from sangkien.units.holders import find_person
from sangkien.units.models import RoleGrant, RolledUnit, Unit
from sangkien.units.rules import may_read_record

MAX_ACTORS: Final = 10
"""Of so many officers of one name at most the entries are looked for."""
MAX_GRANTS: Final = 100
"""Of so many roles of one person at most, the newest, the entries are looked for."""


def search_record(
    viewer: Person,
    *,
    unit: Unit,
    actor_name: str = "",
    action: str = "",
    subjects: Sequence[tuple[str, str]] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    after: Cursor | None = None,
    limit: int = 50,
) -> RecordPage:
    """Return what was done in ``unit``, below it and in what it follows, the newest first. Raises NotAllowed.

    ``actor_name``: words of the name of somebody who holds or held a role, or anybody's exact user name, e-mail address
    or number. ``subjects`` are pairs of kind and code, any of which it was done to; ``until`` is exclusive.
    """
    if not may_read_record(viewer, unit, clock.now()):
        raise NotAllowed
    search = Search(
        scopes=_scopes(unit),
        actors=actors_called(actor_name) if actor_name.strip() else None,
        actions=(action,) if action else (),
        subjects=subjects,
        since=since,
        until=until,
    )
    return find_entries(search, after, limit)


def _scopes(unit: Unit) -> list[list[int]]:
    """Return the paths of the unit and of what came under it by following others."""
    followed = RolledUnit.objects.filter(unit_id=unit.pk, sign=1).values("source_id")
    return [unit.path, *Unit.objects.filter(pk__in=followed).order_by("pk").values_list("path", flat=True)]


def actors_called(name: str) -> list[int]:
    """Return the ids of those who may be meant by a name, as ``search_record`` says."""
    exact = find_person(name)
    if exact is not None:
        return [exact.pk]
    condition = Q()
    for word in normalise(name).split():
        condition &= Q(full_name__icontains=word)
    officers = Person.objects.filter(condition, pk__in=RoleGrant.objects.values("person_id"))
    return list(officers.order_by("pk").values_list("pk", flat=True)[:MAX_ACTORS])


@dataclass(frozen=True, slots=True)
class Named:
    """People and units that entries name by their ids."""

    people: dict[int, Person]
    units: dict[int, Unit]


def named_in(entries: Sequence[AuditEntry]) -> Named:
    """Return whom and what the entries name: in whose scope it happened, and people in subjects and details.

    Two queries, whatever their number.
    """
    people = {int(e.subject) for e in entries if e.subject_kind == "person" and e.subject.isdecimal()}
    people |= {e.details["person"] for e in entries if isinstance(e.details.get("person"), int)}
    units = {e.unit_path[-1] for e in entries if e.unit_path}
    return Named(Person.objects.in_bulk(people), Unit.objects.in_bulk(units))


def subjects_called(known_as: str) -> list[tuple[str, str]]:
    """Return what is meant by the code of a unit, or by exactly a person's user name or contact: all their roles too.

    As pairs of kind and code, none when nothing is known so.
    """
    typed = normalise(known_as)
    if typed.isprintable() and Unit.objects.filter(code=typed.upper()).exists():
        return [("unit", typed.upper())]
    person = find_person(typed)
    if person is None:
        return []
    grants = RoleGrant.objects.filter(person=person).order_by("-pk").values_list("pk", flat=True)[:MAX_GRANTS]
    return [("person", str(person.pk)), *(("role_grant", str(pk)) for pk in grants)]
