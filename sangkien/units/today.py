"""Under today's tree: what stands below a unit, what counts for it beside its own, and what has followed what.

A unit never changes its place (decision 15); ``trees.roll`` keeps how its figures are to be read today.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Q

from sangkien.units.models import FormerName, RolledUnit, Succession, Unit

# A unit and all whose place it has taken, one after another. Ids come from our own rows.
_SAME = """
WITH RECURSIVE same (id) AS (
    SELECT %s::int
    UNION
    SELECT s.predecessor_id FROM same JOIN units_succession s ON s.successor_id = same.id
           JOIN units_unit p ON p.id = s.predecessor_id
     WHERE p.today_path[cardinality(p.today_path)] = %s
)
SELECT u.* FROM units_unit u JOIN same ON u.parent_id = same.id
 WHERE u.today_path[cardinality(u.today_path)] = u.id ORDER BY u.sort_key, u.id
"""


class Source(NamedTuple):
    """What was counted for ``source_id`` (with its ``path``) and all below it also counts for ``unit_id``, or
    (``sign`` -1) no longer does.
    """

    unit_id: int
    source_id: int
    sign: int
    path: list[int]


def children_today(parent: Unit) -> list[Unit]:
    """Return the units directly below ``parent`` under today's tree, in Vietnamese order.

    Closed ones are included unless another unit follows them; a unit that another follows has nothing below it.
    """
    return list(Unit.objects.raw(_SAME, [parent.pk, parent.pk])) if parent.pk == parent.today_path[-1] else []


def sources_of(unit_ids: Sequence[int]) -> list[Source]:
    """Return what must be added to, or taken from, the figures of these units to have them under today's tree."""
    rows = RolledUnit.objects.filter(unit_id__in=unit_ids)
    return [Source(*row) for row in rows.values_list("unit_id", "source_id", "sign", "source__path")]


def is_reorganised(unit: Unit) -> bool:
    """Say whether the figures of the unit, or of those directly below it, are others under today's tree."""
    below = Unit.objects.filter(parent_id=unit.pk).values("pk")
    return RolledUnit.objects.filter(Q(unit_id=unit.pk) | Q(unit_id__in=below)).exists()


def place_today(unit: Unit) -> Unit:
    """Return what stands in the unit's place today: itself, or the last of those that have followed it."""
    last = unit.today_path[-1]
    return unit if last == unit.pk else Unit.objects.get(pk=last)


def followers_of(units: Sequence[Unit]) -> dict[int, list[Unit]]:
    """Return what directly follows each of these units (by id) that have closed; those with nothing are left out."""
    closed = [unit.pk for unit in units if unit.closed_on is not None]
    found: defaultdict[int, list[Unit]] = defaultdict(list)
    if closed:
        steps = Succession.objects.filter(predecessor_id__in=closed).select_related("successor")
        for step in steps.order_by("on", "pk"):
            found[step.predecessor_id].append(step.successor)
    return dict(found)


def followed_by(unit: Unit) -> list[Succession]:
    """Return the steps in which other units followed this one, the first first."""
    return list(unit.successions.select_related("successor").order_by("on", "pk"))


def follows(unit: Unit) -> list[Succession]:
    """Return the steps in which this unit followed others, the first first."""
    return list(unit.inheritances.select_related("predecessor").order_by("on", "predecessor__sort_key", "pk"))


def former_names(unit: Unit) -> list[FormerName]:
    """Return what the unit was called before, the last first."""
    return list(unit.former_names.order_by("-until", "-pk"))
