"""The parts of the tree that an officer verifies, sorted by the index that serves each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from sangkien.people.models import Person
from sangkien.units.models import Role, Unit
from sangkien.units.scopes import Scope, scope_of, scope_of_unit

# Below the third level every unit counts as a head of its own.
_HEADS = """
WITH RECURSIVE below(head, id) AS (
    SELECT id, id FROM units_unit WHERE id = ANY (%(heads)s) AND cardinality(path) > 3
    UNION ALL
    SELECT below.head, u.id FROM units_unit u JOIN below ON u.parent_id = below.id
)
SELECT id, path, ARRAY(SELECT below.id FROM below WHERE below.head = u.id) FROM units_unit u WHERE id = ANY (%(heads)s)
"""


@dataclass(frozen=True, slots=True)
class Head:
    """A unit, the ids from the top down to it, and, below the third level, itself with every unit below."""

    unit: int
    path: Sequence[int]
    deep: Sequence[int]


@dataclass(frozen=True, slots=True)
class Heads:
    """Parts of the tree that do not overlap: all of it, or ids of unions, of units below those, and single units.

    ``without``: single units that are not in it although they stand below one of them (``units.scopes``).
    """

    ids: tuple[int, ...] = ()
    everything: bool = False
    unions: tuple[int, ...] = ()
    uppers: tuple[int, ...] = ()
    units: tuple[int, ...] = ()
    without: tuple[int, ...] = ()

    @classmethod
    def of(cls, heads: Iterable[Head], without: Iterable[int] = ()) -> Heads:
        """Return these parts, without those that lie in another."""
        given = {head.unit: head for head in heads}
        kept = [h for h in given.values() if not any(above in given for above in h.path[:-1])]
        return cls(
            ids=tuple(sorted(h.unit for h in kept)),
            everything=any(len(h.path) == 1 for h in kept),
            unions=tuple(sorted(h.unit for h in kept if len(h.path) == 2)),
            uppers=tuple(sorted(h.unit for h in kept if len(h.path) == 3)),
            units=tuple(sorted(pk for h in kept if len(h.path) > 3 for pk in h.deep)),
            without=tuple(sorted(set(without))),
        )


def verified_by(person: Person, at: datetime, unit: Unit | None = None) -> Heads:
    """Return what ``person`` verifies at ``at``, only of ``unit`` and below if one is given: two queries, or four.

    Nothing at all for somebody who is nowhere a verifier.
    """
    scope = scope_of(person, at, (Role.VERIFIER,))
    held = _heads(scope)
    if unit is None or not held:
        return Heads.of(held, scope.without)
    ids = set(scope.heads)
    asked = scope_of_unit(unit)
    inside = _heads(asked)
    whole = [head for head in inside if not ids.isdisjoint(head.path)]
    below = [head for head in held if any(other.unit in head.path for other in inside)]
    return Heads.of([*whole, *below], [*scope.without, *asked.without])


def heads_of_unit(unit: Unit) -> Heads:
    """Return what stands below ``unit`` as today's tree has it, and what ever stood there: two queries."""
    scope = scope_of_unit(unit)
    return Heads.of(_heads(scope), scope.without)


def _heads(scope: Scope) -> list[Head]:
    if not scope:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_HEADS, {"heads": list(scope.heads)})
        return [Head(*row) for row in cursor.fetchall()]
