"""Moving a unit below another, and merging units: what closes is followed by what opens (decision 15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from sangkien.audit.actions import record
from sangkien.audit.refusals import Aim, recorded
from sangkien.core import clock, outbox
from sangkien.core.errors import InvalidInput, NotAllowed, gathered, refuse
from sangkien.core.moments import event_moment
from sangkien.people.models import Person
from sangkien.units.actions.naming import write_names
from sangkien.units.actions.opening import create_below
from sangkien.units.carrying import carry_over
from sangkien.units.checks import faults_of_merge, faults_of_move
from sangkien.units.inputs import MAX_DOCUMENT, NewUnit, clean_code, clean_reason, clean_text, known_by, names_of
from sangkien.units.models import Reorganisation, SuccessionKind, Unit, UnitRequest
from sangkien.units.rules import may_close, may_merge, may_move
from sangkien.units.trees import lock_tree, roll


def aim_among(actor: Person, units: Sequence[Unit]) -> Aim | None:
    """Return what a refused reorganisation was aimed at: the first of its units that is not the actor's to close."""
    now = clock.now()
    aimed = next((unit for unit in units if not may_close(actor, unit, now)), units[0] if units else None)
    return Aim("unit", aimed.code, aimed.path, {"units": [unit.code for unit in units]}) if aimed else None


def _aim(given: Mapping[str, Any]) -> Aim | None:
    """Return what a refused move or merger was aimed at."""
    named = [*given.get("units", ()), given.get("unit"), given.get("to"), given.get("into")]
    return aim_among(given["actor"], [unit for unit in named if isinstance(unit, Unit)])


@recorded("move_unit", _aim)
@transaction.atomic
def move_unit(*, actor: Person, unit: Unit, to: Unit, on: date, reason: str, document: str = "") -> Reorganisation:
    """Move a unit with everything open below it below ``to``, from this Vietnamese day (today or earlier) on.

    It closes, and one of the same names follows it there; figures stay with the old one and count for both places,
    each under its tree. Members, rights, clusters and waiting requests go along. Raises NotAllowed, and InvalidInput
    (``unit``, ``to``, ``on``, ``reason``, ``document``), among others when ``to`` stands below the unit (``circle``).
    """
    unit, to = _locked([unit, to])
    at = event_moment()
    if not may_move(actor, unit, to, at):
        raise NotAllowed
    faults = faults_of_move(unit, to, on, clock.day_of(at))
    made = _prepared(faults, SuccessionKind.TRANSFER, actor, on, at, reason, document)
    successor = follow_by_one(unit, to, on)
    carry_over(made, [(unit, successor)], actor=actor, at=at)
    roll()
    _record(made, actor, at, "move_unit", successor, [unit], to=to.code)
    return made


@recorded("merge_units", _aim)
@transaction.atomic
def merge_units(
    *,
    actor: Person,
    units: Sequence[Unit],
    into: Unit | NewUnit,
    on: date,
    reason: str,
    document: str = "",
    carry_roles: bool = True,
    carry_targets: bool = False,
) -> Reorganisation:
    """Merge units into one that exists or is opened for it, from this Vietnamese day (today or earlier) on.

    They close; what is open below them moves below the one that follows. Members, clusters and waiting requests go
    along, rights over the units themselves only with ``carry_roles`` (otherwise they last over what these leave
    behind), rights over what stands below always. Targets belong to programmes, which are above this floor:
    ``carry_targets`` is only put on record for whoever sets them afterwards. Raises NotAllowed, and InvalidInput
    (``units``, ``into``, ``on``, ``code``, ``name_vi``, …), among others for a circle.
    """
    existing = into if isinstance(into, Unit) else None
    locked = _locked([*units, *([existing] if existing else [])])
    units, existing = locked[: len(units)], locked[-1] if existing else None
    at = event_moment()
    if not may_merge(actor, units, existing, at):
        raise NotAllowed
    new = into if isinstance(into, NewUnit) else None
    faults = faults_of_merge(units, existing or into, on, clock.day_of(at))
    if new is not None:
        with gathered(faults):
            new = _cleaned(new)
    made = _prepared(faults, SuccessionKind.MERGER, actor, on, at, reason, document)
    successor = merge_into(made, units, new or existing or into, actor=actor, at=at, roles=carry_roles)
    roll()
    codes = [unit.code for unit in units]
    _record(made, actor, at, "merge_units", successor, units, predecessors=codes, carry_targets=carry_targets)
    return made


# --- parts, also of the demo's mergers ----------------------------------------------------------------------------


def merge_into(
    made: Reorganisation, units: Sequence[Unit], into: Unit | NewUnit, *, actor: Person, at: datetime, roles: bool
) -> Unit:
    """Let one unit follow several that are locked; return it. ``trees.roll`` has to follow."""
    made.done["opened"] = isinstance(into, NewUnit)
    successor = _opened(units, into, made.on) if isinstance(into, NewUnit) else into
    _inherit(made, successor, units)
    carry_over(made, [(unit, successor) for unit in units], actor=actor, at=at, roles=roles)
    return successor


def follow_by_one(unit: Unit, parent: Unit, on: date) -> Unit:
    """Open what follows a unit below another parent: alike in everything but its code, and found by the old one too."""
    successor = create_below(parent, unit.kind, names_of(unit), on, members=unit.members)
    successor.other_names = [*unit.other_names, unit.code]
    successor.iso_code, successor.is_invented = unit.iso_code, unit.is_invented
    successor.save(update_fields=["iso_code", "is_invented"])
    write_names(successor, names_of(unit))
    return successor


def _opened(units: Sequence[Unit], new: NewUnit, on: date) -> Unit:
    """Open the unit that follows several, below the parent that they share; of the first one's kind."""
    parent = Unit.objects.select_for_update(no_key=True).get(pk=units[0].path[-2])
    successor = create_below(parent, units[0].kind, new.names, on, code=new.code)
    if units[0].is_invented:
        Unit.objects.filter(pk=successor.pk).update(is_invented=True)
    return successor


def _inherit(made: Reorganisation, successor: Unit, units: Sequence[Unit]) -> None:
    """Let a unit be found by the names of those that it follows, and have their members beside its own."""
    before = _shared(successor)
    own = {successor.name_vi, successor.short_vi}
    known = [name for unit in units for name in known_by(unit) if name not in own]
    successor.other_names = list(dict.fromkeys([*successor.other_names, *known]))
    counted = [unit.members for unit in (successor, *units) if unit.members is not None]
    successor.members = sum(counted) if counted else None
    successor.save(update_fields=["members"])
    write_names(successor, names_of(successor))
    made.done |= {"before": before, "after": _shared(successor)}


def _shared(unit: Unit) -> dict[str, object]:
    """Return what a merger changes in the unit that follows."""
    return {"members": unit.members, "other_names": unit.other_names, "search_key": unit.search_key}


def _locked(units: Sequence[Unit]) -> list[Unit]:
    """Return the units as they are now, locked, in the order given; nobody else changes the tree meanwhile.

    Requests for units below them are locked first: whoever settles one locks it before the unit above.
    """
    lock_tree()
    pks = [unit.pk for unit in units]
    waiting = UnitRequest.objects.filter(state=UnitRequest.State.WAITING, above__path__overlap=pks)
    list(waiting.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    found = Unit.objects.select_for_update(no_key=True).order_by("pk").in_bulk(pks)
    return [found[pk] for pk in pks]


def _cleaned(new: NewUnit) -> NewUnit:
    """Return the new unit as it is stored. Raises InvalidInput."""
    faults: list[InvalidInput] = []
    names, code = new.names, ""
    with gathered(faults):
        names = names.cleaned()
    with gathered(faults):
        code = clean_code(new.code)
    refuse(faults)
    return NewUnit(names.name_vi, names.name_en, names.short_vi, names.short_en, code)


def _prepared(
    faults: list[InvalidInput],
    kind: SuccessionKind,
    actor: Person,
    on: date,
    at: datetime,
    reason: str,
    document: str,
) -> Reorganisation:
    """Refuse what is wrong, all at once; otherwise write the head of the reorganisation."""
    with gathered(faults):
        reason = clean_reason(reason)
    with gathered(faults):
        document = clean_text(document, "document", MAX_DOCUMENT)
    refuse(faults)
    return Reorganisation.objects.create(
        kind=kind, on=on, made_at=at, made_by=actor, reason=reason, document=document, done={"opened": True}
    )


def _record(
    made: Reorganisation,
    actor: Person,
    at: datetime,
    action: str,
    successor: Unit,
    units: Sequence[Unit],
    **details: object,
) -> None:
    """Write a reorganisation into the record, once where it leads and once where each unit was; people are told."""
    told = {"reorganisation": made.pk, "on": made.on.isoformat(), "successor": successor.code} | details
    told |= {name: said for name in ("reason", "document") if (said := getattr(made, name))}
    for unit in (successor, *units):
        entry = record(
            actor=actor,
            at=at,
            action=action,
            subject_kind="unit",
            subject=unit.code,
            unit_path=unit.path,
            details=told,
        )
        if unit.pk == successor.pk:
            outbox.publish(at, [(entry.pk, 0)], consumers=outbox.RECORD_CONSUMERS)
