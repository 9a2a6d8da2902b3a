"""Giving a unit another name. The old one stays on record, and finds the unit."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.audit.actions import record
from sangkien.audit.refusals import of_unit, recorded
from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed, gathered, refuse
from sangkien.core.moments import event_moment
from sangkien.core.vietnamese import sort_key
from sangkien.people.models import Person
from sangkien.units.checks import faults_of_day
from sangkien.units.inputs import Names, clean_reason, key_of, names_of
from sangkien.units.models import FormerName, Unit
from sangkien.units.queries import same_unit_below
from sangkien.units.rules import may_rename
from sangkien.units.trees import lock_tree


@recorded("rename_unit", of_unit("unit"))
@transaction.atomic
def rename_unit(
    *,
    actor: Person,
    unit: Unit,
    name_vi: str,
    name_en: str,
    short_vi: str = "",
    short_en: str = "",
    since: date | None = None,
    reason: str,
) -> Unit:
    """Call a unit by other names from this Vietnamese day (today) on; its code stays.

    The old names are kept with their last day and go on finding it. Raises NotAllowed, and InvalidInput: the unit has
    closed, nothing changes, the name is taken beside it, a day in the future or before the last renaming, no reason.
    """
    lock_tree()
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    at = event_moment()
    if not may_rename(actor, unit, at):
        raise NotAllowed
    today = clock.day_of(at)
    on = since or today
    faults = _faults_of_renaming(unit, on, today)
    names = Names(name_vi, name_en, short_vi, short_en)
    with gathered(faults):
        names = names.cleaned()
        _refuse_name(unit, names)
    details = {"on": on.isoformat(), "before": unit.name_vi}
    with gathered(faults):
        details["reason"] = clean_reason(reason)
    refuse(faults)
    give_names(unit, names, on)
    record(
        actor=actor,
        at=at,
        action="rename_unit",
        subject_kind="unit",
        subject=unit.code,
        unit_path=unit.path,
        details=details | {"after": unit.name_vi},
    )
    return unit


def give_names(unit: Unit, names: Names, on: date) -> None:
    """Write the names of a locked unit, from this Vietnamese day on; what it was called goes on finding it."""
    old = names_of(unit)
    FormerName.objects.create(
        unit=unit,
        name_vi=old.name_vi,
        name_en=old.name_en,
        short_vi=old.short_vi,
        short_en=old.short_en,
        until=on,
    )
    now = {names.name_vi, names.name_en, names.short_vi, names.short_en}
    before = [old.name_vi, old.short_vi, old.name_en, old.short_en, *unit.other_names]
    unit.other_names = [name for name in dict.fromkeys(before) if name and name not in now]
    write_names(unit, names)


def write_names(unit: Unit, names: Names) -> None:
    """Write the names of a unit, and with its other names what it is found and sorted by."""
    unit.name_vi, unit.name_en = names.name_vi, names.name_en
    unit.short_vi, unit.short_en = names.short_vi, names.short_en
    unit.search_key = key_of(unit.code, names, unit.other_names)
    unit.sort_key = sort_key(names.name_vi)
    unit.save(update_fields=["name_vi", "name_en", "short_vi", "short_en", "other_names", "search_key", "sort_key"])


def _faults_of_renaming(unit: Unit, on: date, today: date) -> list[InvalidInput]:
    """Return why the unit cannot be renamed on this day."""
    faults = [InvalidInput(e.message, code=e.code, field="since") for e in faults_of_day(on, today)]
    if unit.closed_on is not None:
        faults.append(InvalidInput(_("This unit has closed: it keeps its name."), code="closed", field="unit"))
    last = FormerName.objects.filter(unit=unit).order_by("-until").first()
    if on < unit.opened_on or (last is not None and on < last.until):
        faults.append(
            InvalidInput(_("It had another name then already: choose a later day."), code="too_early", field="since")
        )
    return faults


def _refuse_name(unit: Unit, names: Names) -> None:
    """Raise InvalidInput when nothing changes, or another unit beside this one goes by the name."""
    if names == names_of(unit):
        raise InvalidInput(_("It is called so already."), code="unchanged", field="name_vi")
    same = same_unit_below(unit.parent, names.name_vi, besides=unit) if unit.parent else None
    if same is not None:
        raise InvalidInput(
            _("There is one of this name already: %(name)s (%(code)s).") % {"name": same.name_vi, "code": same.code},
            code="unit_exists",
            field="name_vi",
        )
