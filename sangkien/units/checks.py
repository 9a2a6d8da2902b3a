"""What must hold before the tree changes: the actions refuse what is wrong, the previews say it beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sangkien.core.clock import format_date
from sangkien.core.errors import InvalidInput
from sangkien.units.inputs import NewUnit
from sangkien.units.models import Unit, UnitKind

MAX_MERGED: Final = 200

_RANKS: Final = {
    UnitKind.CONFEDERATION: 0,
    UnitKind.PROVINCIAL_FEDERATION: 1,
    UnitKind.CENTRAL_INDUSTRY_UNION: 1,
    UnitKind.CORPORATION_UNION: 2,
    UnitKind.DISTRICT_FEDERATION: 3,
    UnitKind.LOCAL_SECTOR_UNION: 3,
    UnitKind.ZONE_UNION: 3,
    UnitKind.LOCAL_CORPORATION_UNION: 3,
    UnitKind.UPPER_LEVEL_UNION: 4,
    UnitKind.GRASSROOTS_UNION: 5,
    UnitKind.OCCUPATIONAL_UNION: 5,
    UnitKind.UNION_SECTION: 6,
    UnitKind.UNION_GROUP: 7,
}
LOWEST: Final = frozenset(kind for kind, rank in _RANKS.items() if rank >= _RANKS[UnitKind.GRASSROOTS_UNION])
"""Kinds of units that no grassroots union stands below."""


def stands_below(kind: str, above: str) -> bool:
    """Say whether a unit of this kind may stand below one of the kind ``above``."""
    return _RANKS[UnitKind(kind)] > _RANKS[UnitKind(above)]


def kinds_below(above: Unit) -> list[UnitKind]:
    """Return the kinds of units that may be opened below this one, the highest first."""
    return [kind for kind in _RANKS if stands_below(kind, above.kind)]


def is_within(unit: Unit, head: Unit) -> bool:
    """Say whether ``unit`` is ``head`` or stands below it."""
    return head.pk in unit.path


def faults_of_move(unit: Unit, to: Unit, on: date, today: date) -> list[InvalidInput]:
    """Return why ``unit`` cannot be moved below ``to`` on this Vietnamese day."""
    faults = [*_closing(unit, on, "unit"), *_day(on, today), *_open(to, on, "to")]
    if unit.parent_id is None:
        faults.append(_fault(_("The unit at the top stays where it is."), "top", "unit"))
    if is_within(to, unit):
        faults.append(_fault(_("A unit cannot move below itself."), "circle", "to"))
    elif to.pk == unit.parent_id:
        faults.append(_fault(_("It stands below this unit already."), "unchanged", "to"))
    elif not stands_below(unit.kind, to.kind):
        faults.append(_kind_fault(unit.kind, to, "to"))
    return faults


def faults_of_merge(units: Sequence[Unit], into: Unit | NewUnit, on: date, today: date) -> list[InvalidInput]:
    """Return why the units cannot merge on this Vietnamese day; ``units``, ``into`` or ``on`` is at fault."""
    faults = _day(on, today)
    for unit in units:
        faults += _closing(unit, on, "units")
    if not units or len(units) > MAX_MERGED or len({unit.pk for unit in units}) != len(units):
        faults.append(_fault(_("Choose the units that merge, each once."), "units_needed", "units"))
    if any(unit.parent_id is None for unit in units):
        faults.append(_fault(_("The unit at the top stays where it is."), "top", "units"))
    if any(is_within(one, other) for one in units for other in units if one.pk != other.pk):
        faults.append(_fault(_("One of these units stands below another of them."), "circle", "units"))
    if not units:
        return faults
    return faults + (_into_new(units) if isinstance(into, NewUnit) else _into_existing(units, into, on))


def faults_of_close(unit: Unit, on: date, today: date) -> list[InvalidInput]:
    """Return why ``unit`` cannot be closed on this Vietnamese day; ``unit`` or ``on`` is at fault."""
    faults = [*_closing(unit, on, "unit"), *_day(on, today)]
    if unit.parent_id is None:
        faults.append(_fault(_("The unit at the top stays where it is."), "top", "unit"))
    if Unit.objects.filter(parent=unit, closed_on__isnull=True).exists():
        faults.append(
            _fault(_("Units below it are still open: close, move or merge them first."), "open_below", "unit")
        )
    return faults


def faults_of_opening(parent: Unit, kind: str, on: date, field: str = "parent") -> list[InvalidInput]:
    """Return why no unit of this kind can be opened below ``parent`` on this Vietnamese day."""
    faults = _open(parent, on, field)
    if kind not in UnitKind.values:
        faults.append(_fault(_("Choose what kind of unit it is."), "kind_needed", "kind"))
    elif not stands_below(kind, parent.kind):
        faults.append(_kind_fault(kind, parent, "kind"))
    return faults


def faults_of_day(on: date, today: date) -> list[InvalidInput]:
    """Return what is wrong with the day of a change: it may not lie in the future."""
    return _day(on, today)


def _into_new(units: Sequence[Unit]) -> list[InvalidInput]:
    """Return why no new unit can follow these: it stands where they stood, so they must have stood in one place."""
    if len(units) < 2:
        return [_fault(_("A merger needs at least two units; to give one another name, rename it."), "one", "units")]
    if len({unit.parent_id for unit in units}) > 1:
        message = _("These units stand below different ones. Choose the existing unit into which they merge.")
        return [_fault(message, "different_parents", "into")]
    return _children_fit(units, units[0].kind, units[0])


def _into_existing(units: Sequence[Unit], into: Unit, on: date) -> list[InvalidInput]:
    """Return why ``into`` cannot follow these units."""
    if any(is_within(into, unit) for unit in units):
        return [_fault(_("A unit cannot merge into itself or into one below it."), "circle", "into")]
    return [*_open(into, on, "into"), *_children_fit(units, into.kind, into)]


def _children_fit(units: Sequence[Unit], kind: str, into: Unit) -> list[InvalidInput]:
    """Return a fault if something open below ``units`` cannot stand below a unit of this kind."""
    children = Unit.objects.filter(parent__in=[unit.pk for unit in units], closed_on__isnull=True).exclude(pk=into.pk)
    unfit = [child for child in children.values_list("kind", flat=True).distinct() if not stands_below(child, kind)]
    return [_kind_fault(unfit[0], into, "into")] if unfit else []


def _closing(unit: Unit, on: date, field: str) -> list[InvalidInput]:
    """Return why the unit cannot close on this day."""
    if unit.closed_on is not None:
        said = {"name": unit.name_vi, "code": unit.code}
        return [_fault(_("%(name)s (%(code)s) has closed already.") % said, "closed", field)]
    if on < unit.opened_on:
        return [_too_early(unit)]
    return []


def _open(unit: Unit, on: date, field: str) -> list[InvalidInput]:
    """Return why nothing can stand below the unit from this day on."""
    if unit.closed_on is not None:
        message = _("This unit is not open any more. Choose the one that followed it.")
        return [_fault(message, "closed", field)]
    if on < unit.opened_on:
        return [_too_early(unit)]
    return []


def _too_early(unit: Unit) -> InvalidInput:
    """Return the fault of a day on which the unit was not open yet."""
    day = format_date(unit.opened_on, get_language() or "vi")
    said = {"name": unit.name_vi, "code": unit.code, "day": day}
    return _fault(_("%(name)s (%(code)s) opened only on %(day)s.") % said, "not_yet_open", "on")


def _day(on: date, today: date) -> list[InvalidInput]:
    """Return a fault for a day in the future: whoever needs it comes back on the day itself."""
    if on > today:
        return [_fault(_("This day lies in the future: enter it on the day itself, or later."), "future", "on")]
    return []


def _kind_fault(kind: str, above: Unit, field: str) -> InvalidInput:
    """Return the fault of a unit below one of too low a kind."""
    labels = {"kind": UnitKind(kind).label, "above": UnitKind(above.kind).label}
    message = _("A unit of the kind “%(kind)s” does not stand below one of the kind “%(above)s”.") % labels
    return _fault(message, "wrong_kind", field)


def _fault(message: object, code: str, field: str) -> InvalidInput:
    """Return one fault."""
    return InvalidInput(message, code=code, field=field)  # type: ignore[arg-type]
