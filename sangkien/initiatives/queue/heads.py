"""The parts of the tree that an officer verifies, sorted by the index that serves each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from sangkien.people.models import Person
from sangkien.units.models import Role, Unit

# The units of somebody's rights with what those units followed: officers of a merged federation answer for what its
# predecessors left behind (units.rules). Below the third level every unit counts as a head of its own.
_TREE = """
WITH RECURSIVE held(id) AS ({held}),
heads(id, path) AS (
    SELECT u.id, u.path FROM units_unit u
     WHERE u.id IN (SELECT id FROM held)
        OR u.id IN (SELECT source_id FROM units_rolled_unit r JOIN held ON r.unit_id = held.id WHERE r.sign = 1)
),
below(head, id) AS (
    SELECT id, id FROM heads WHERE cardinality(path) > 3
    UNION ALL
    SELECT below.head, u.id FROM units_unit u JOIN below ON u.parent_id = below.id
)
SELECT id, path, ARRAY(SELECT below.id FROM below WHERE below.head = heads.id) FROM heads
"""
_OF_PERSON = _TREE.format(
    held="""
    SELECT unit_id FROM units_role_grant
     WHERE person_id = %(person)s AND role = %(role)s AND since <= %(at)s AND (until IS NULL OR until > %(at)s)
    """
)
_OF_UNIT = _TREE.format(held="SELECT %(unit)s::int")


@dataclass(frozen=True, slots=True)
class Head:
    """A unit, the ids from the top down to it, and, below the third level, itself with every unit below."""

    unit: int
    path: Sequence[int]
    deep: Sequence[int]


@dataclass(frozen=True, slots=True)
class Heads:
    """Parts of the tree that do not overlap: all of it, or ids of unions, of units below those, and single units."""

    ids: tuple[int, ...] = ()
    everything: bool = False
    unions: tuple[int, ...] = ()
    uppers: tuple[int, ...] = ()
    units: tuple[int, ...] = ()

    @classmethod
    def of(cls, heads: Iterable[Head]) -> Heads:
        """Return these parts, without those that lie in another."""
        given = {head.unit: head for head in heads}
        kept = [h for h in given.values() if not any(above in given for above in h.path[:-1])]
        return cls(
            ids=tuple(sorted(h.unit for h in kept)),
            everything=any(len(h.path) == 1 for h in kept),
            unions=tuple(sorted(h.unit for h in kept if len(h.path) == 2)),
            uppers=tuple(sorted(h.unit for h in kept if len(h.path) == 3)),
            units=tuple(sorted(pk for h in kept if len(h.path) > 3 for pk in h.deep)),
        )


def verified_by(person: Person, at: datetime, unit: Unit | None = None) -> Heads:
    """Return what ``person`` verifies at ``at``, only of ``unit`` and below if one is given: one query.

    Nothing at all for somebody who is nowhere a verifier.
    """
    if not person.is_authenticated or not person.is_active:
        return Heads()
    values = {"person": person.pk, "role": Role.VERIFIER, "at": at}
    held = _ask(_OF_PERSON, values)
    if unit is None:
        return Heads.of(held)
    ids = {head.unit for head in held}
    inside = _ask(_OF_UNIT, {"unit": unit.pk})
    whole = [head for head in inside if not ids.isdisjoint(head.path)]
    below = [head for head in held if any(other.unit in head.path for other in inside)]
    return Heads.of([*whole, *below])


def heads_of_unit(unit: Unit) -> Heads:
    """Return what lies below ``unit``, and below what it followed: one query."""
    return Heads.of(_ask(_OF_UNIT, {"unit": unit.pk}))


def _ask(sql: str, values: dict[str, Any]) -> list[Head]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [Head(*row) for row in cursor.fetchall()]
