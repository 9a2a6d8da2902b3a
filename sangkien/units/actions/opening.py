"""Opening a unit below another, and closing one that nothing follows."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.audit.actions import record
from sangkien.audit.refusals import of_unit, recorded
from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed, gathered, refuse
from sangkien.core.moments import event_moment
from sangkien.core.vietnamese import sort_key
from sangkien.people.models import Person
from sangkien.units.checks import LOWEST, faults_of_close, faults_of_opening
from sangkien.units.inputs import (
    MAX_CODE,
    MAX_DOCUMENT,
    Names,
    clean_members,
    clean_reason,
    clean_text,
    key_of,
)
from sangkien.units.models import ClusterMembership, Unit, UnitKind
from sangkien.units.queries import same_unit_below
from sangkien.units.rules import may_close, may_open_below
from sangkien.units.trees import lock_tree

DIGITS: Final = 3
DIGITS_OF_LOWEST: Final = 4
"""Digits of the number that ends the code of a unit made here; a grassroots union's has one more."""
NUMBERS: Final = {DIGITS: r"-(\d{3}|[1-9]\d{3,})$", DIGITS_OF_LOWEST: r"-\d{4,}$"}
"""Which endings of codes are such numbers: the two series stand beside each other below one unit."""


@recorded("open_unit", of_unit("parent"))
@transaction.atomic
def open_unit(
    *,
    actor: Person,
    parent: Unit,
    kind: str,
    name_vi: str,
    name_en: str = "",
    short_vi: str = "",
    short_en: str = "",
    members: int | None = None,
    opened_on: date | None = None,
) -> Unit:
    """Open a unit below ``parent`` on this Vietnamese day (today); its code is its parent's and the next number.

    Raises NotAllowed, and InvalidInput: a parent that is not open, a kind that does not stand below it, a name that one
    below it goes by already, a day in the future.
    """
    lock_tree()
    parent = Unit.objects.select_for_update(no_key=True).get(pk=parent.pk)
    at = event_moment()
    if not may_open_below(actor, parent, at):
        raise NotAllowed
    today = clock.day_of(at)
    on = opened_on or today
    faults = faults_of_opening(parent, kind, on)
    if on > today:
        faults.append(InvalidInput(_("This day lies in the future."), code="future", field="opened_on"))
    names = Names(name_vi, name_en, short_vi, short_en)
    with gathered(faults):
        names = names.cleaned()
        refuse_same(parent, names.name_vi, "name_vi")
    with gathered(faults):
        members = clean_members(members)
    refuse(faults)
    unit = create_below(parent, kind, names, on, members=members)
    record(actor=actor, at=at, action="open_unit", subject_kind="unit", subject=unit.code, unit_path=unit.path)
    return unit


@recorded("close_unit", of_unit("unit"))
@transaction.atomic
def close_unit(*, actor: Person, unit: Unit, on: date, reason: str, document: str = "") -> Unit:
    """Close a unit from this Vietnamese day on, with nothing to follow it; its history stays where it is.

    What waits there can still be decided, and rights over it go on. Raises NotAllowed, and InvalidInput: it has closed
    already, something below it is open, the day lies in the future or before it opened, no reason.
    """
    lock_tree()
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    at = event_moment()
    if not may_close(actor, unit, at):
        raise NotAllowed
    faults = faults_of_close(unit, on, clock.day_of(at))
    details = {"on": on.isoformat()}
    with gathered(faults):
        details["reason"] = clean_reason(reason)
    with gathered(faults):
        details["document"] = clean_text(document, "document", MAX_DOCUMENT)
    refuse(faults)
    unit.closed_on = on
    unit.save(update_fields=["closed_on"])
    ClusterMembership.objects.filter(unit=unit, until__isnull=True, since__lt=on).update(until=on)
    record(
        actor=actor,
        at=at,
        action="close_unit",
        subject_kind="unit",
        subject=unit.code,
        unit_path=unit.path,
        details=details,
    )
    return unit


# --- for the other actions of this floor --------------------------------------------------------------------------


def create_below(
    parent: Unit, kind: str, names: Names, on: date, *, code: str = "", members: int | None = None
) -> Unit:
    """Write a unit below ``parent``, which the caller has locked. Raises InvalidInput when no code is left."""
    code = code or next_code(parent, kind)
    if len(code) > MAX_CODE:
        raise InvalidInput(_("The tree is too deep here for another unit."), code="too_deep", field="parent")
    unit = Unit.objects.create(
        code=code,
        kind=kind,
        name_vi=names.name_vi,
        name_en=names.name_en,
        short_vi=names.short_vi,
        short_en=names.short_en,
        parent=parent,
        path=[],
        today_path=[],
        opened_on=on,
        members=members,
        search_key=key_of(code, names, ()),
        sort_key=sort_key(names.name_vi),
    )
    unit.path = unit.today_path = [*parent.path, unit.pk]
    unit.save(update_fields=["path", "today_path"])
    return unit


def digits_of(kind: str) -> int:
    """Return how many digits the number at the end of such a unit's code has, at least."""
    return DIGITS_OF_LOWEST if UnitKind(kind) in LOWEST else DIGITS


def next_code(above: Unit, kind: str) -> str:
    """Return the code of the next unit of this kind below ``above``, which is locked: its own, and a number."""
    digits = digits_of(kind)
    pattern = f"^{re.escape(above.code)}{NUMBERS[digits]}"
    taken = Unit.objects.filter(code__startswith=f"{above.code}-", code__regex=pattern).values_list("code", flat=True)
    highest = max((int(code.rpartition("-")[2]) for code in taken), default=0)
    return f"{above.code}-{highest + 1:0{digits}}"


def refuse_same(above: Unit, name: str, field: str) -> None:
    """Raise InvalidInput if a unit of this name stands below ``above`` already; the message names it."""
    same = same_unit_below(above, name)
    if same is not None:
        raise InvalidInput(
            _("There is one of this name already: %(name)s (%(code)s). Choose it if it is the one.")
            % {"name": same.name_vi, "code": same.code},
            code="unit_exists",
            field=field,
        )
