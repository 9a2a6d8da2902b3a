"""What would happen if the tree were changed so: shown before anybody confirms it. Nothing is written.

Open initiatives and targets are floors above; the pages add them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q, QuerySet

from sangkien.core import clock
from sangkien.core.errors import InvalidInput
from sangkien.units.checks import faults_of_close, faults_of_merge, faults_of_move
from sangkien.units.inputs import NewUnit
from sangkien.units.models import Membership, RoleGrant, Unit, UnitRequest

ROLES_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change closes and opens, and who goes along. With ``faults`` it would be refused, for these reasons.

    ``members`` are people with an account who belong to what closes; ``roles`` the rights over the units themselves
    (the first ``ROLES_SHOWN``, by name), ``roles_below`` how many there are over what stands below them; ``children``
    the open units directly below; ``requests`` wait for a unit there.
    """

    units_closing: int
    units_opening: int
    members: int
    roles: list[RoleGrant]
    roles_below: int
    children: int
    requests: int
    faults: list[str]


def preview_move(unit: Unit, to: Unit, on: date | None = None) -> Preview:
    """Say what moving ``unit`` below ``to`` on this Vietnamese day (today) would do."""
    day, today = _days(on)
    closing = _open_within([unit])
    return _preview([unit], closing, faults_of_move(unit, to, day, today), opening=closing.count())


def preview_merge(units: Sequence[Unit], into: Unit | NewUnit, on: date | None = None) -> Preview:
    """Say what merging the units on this Vietnamese day (today) would do."""
    day, today = _days(on)
    closing = _open_within(units)
    opening = closing.exclude(pk__in=[unit.pk for unit in units]).count() + isinstance(into, NewUnit)
    return _preview(units, closing, faults_of_merge(units, into, day, today), opening=opening)


def preview_close(unit: Unit, on: date | None = None) -> Preview:
    """Say what closing ``unit`` on this Vietnamese day (today) would do: people and rights stay where they are."""
    day, today = _days(on)
    return _preview([unit], Unit.objects.filter(pk=unit.pk, closed_on=None), faults_of_close(unit, day, today))


def _days(on: date | None) -> tuple[date, date]:
    """Return the day asked about, today if none, and today."""
    today = clock.day_of(clock.now())
    return on or today, today


def _open_within(units: Sequence[Unit]) -> QuerySet[Unit]:
    """Return the units and what is open below them."""
    return Unit.objects.filter(path__overlap=[unit.pk for unit in units], closed_on__isnull=True)


def _preview(
    units: Sequence[Unit], closing: QuerySet[Unit], faults: Sequence[InvalidInput], *, opening: int = 0
) -> Preview:
    """Count what a change touches."""
    now = clock.now()
    heads = [unit.pk for unit in units]
    grants = RoleGrant.objects.filter(since__lte=now).filter(Q(until__isnull=True) | Q(until__gt=now))
    over = grants.filter(unit__in=heads).select_related("person", "unit").order_by("unit_id", "person__full_name", "pk")
    return Preview(
        units_closing=closing.count(),
        units_opening=opening,
        members=Membership.objects.filter(unit__in=closing.values("pk"), until__isnull=True).count(),
        roles=list(over[:ROLES_SHOWN]),
        roles_below=grants.filter(unit__in=closing.exclude(pk__in=heads).values("pk")).count(),
        children=Unit.objects.filter(parent__in=heads, closed_on__isnull=True).count(),
        requests=UnitRequest.objects.filter(above__in=closing.values("pk"), state=UnitRequest.State.WAITING).count(),
        faults=[str(fault) for fault in faults],
    )
