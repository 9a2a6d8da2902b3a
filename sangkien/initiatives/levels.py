"""Which level looks again at what an officer decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sangkien.people.models import Person
from sangkien.units.models import Role, Unit
from sangkien.units.rules import grants_held_over


def level_above(officer: Person, unit_path: Sequence[int], at: datetime) -> Unit:
    """Return the unit above the nearest one for which ``officer`` verified, at ``at``, what belongs to ``unit_path``.

    At the top it is the top itself: another officer of it looks again. For somebody who held no right (whoever decided
    in another portal, before the programme's history was taken over) it is the unit above the initiative's own.
    """
    held = grants_held_over(officer, (Role.VERIFIER,), unit_path, at).values("unit_id")
    nearest = Unit.objects.filter(pk__in=held).select_related("parent").order_by("-path__len", "pk").first()
    nearest = nearest or Unit.objects.select_related("parent").get(pk=unit_path[-1])
    return nearest.parent or nearest
