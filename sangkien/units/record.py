"""The record of a unit and everything below it, for those who answer for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from sangkien.audit.models import AuditEntry
from sangkien.audit.queries import Cursor, RecordPage, Search, find_entries
from sangkien.core import clock
from sangkien.core.errors import NotAllowed
from sangkien.core.vietnamese import normalise, search_key, tone_key
from sangkien.people.models import Person
from sangkien.units.holders import find_person
from sangkien.units.models import RoleGrant, Unit
from sangkien.units.rules import may_read_record
from sangkien.units.scopes import scope_of_unit

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

    ``actor_name``: words of the name of somebody who holds or held a role, with diacritics or without, or anybody's
    exact user name, e-mail address or number. ``subjects`` are pairs of kind and code, any of which it was done to;
    ``until`` is exclusive.
    """
    if not may_read_record(viewer, unit, clock.now()):
        raise NotAllowed
    scope = scope_of_unit(unit)
    search = Search(
        scopes=list(Unit.objects.filter(pk__in=scope.heads).order_by("pk").values_list("path", flat=True)),
        without=scope.without,
        actors=actors_called(actor_name) if actor_name.strip() else None,
        actions=(action,) if action else (),
        subjects=subjects,
        since=since,
        until=until,
    )
    return find_entries(search, after, limit)


def actors_called(name: str) -> list[int]:
    """Return the ids of those who may be meant by a name, as ``search_record`` says.

    Words are compared without diacritics. If they were typed with diacritics and somebody is called just so, only such
    people are meant.
    """
    exact = find_person(name)
    if exact is not None:
        return [exact.pk]
    wanted = set(search_key(name).split())
    officers = Person.objects.filter(pk__in=RoleGrant.objects.values("person_id")).values_list("pk", "full_name")
    alike = sorted((pk, called) for pk, called in officers if wanted <= _bare_words(called)) if wanted else []
    if not name.isascii():
        as_typed = set(tone_key(name).split())
        alike = [one for one in alike if as_typed <= set(tone_key(one[1]).split())] or alike
    return [pk for pk, _called in alike[:MAX_ACTORS]]


_bare_word = lru_cache(4096)(search_key)


def _bare_words(name: str) -> set[str]:
    """Return the words of a name without diacritics. Thousands are compared, made of a few hundred words."""
    return set(" ".join(map(_bare_word, name.split())).split())


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
