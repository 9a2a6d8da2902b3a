"""What people do with targets: set one, spread one over the units below, carry them over to what follows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.audit.actions import Thing, record_each
from sangkien.audit.refusals import of_unit, recorded
from sangkien.core import clock, outbox
from sangkien.core.errors import Conflict, InvalidInput, NotAllowed
from sangkien.core.moments import event_moment
from sangkien.core.vietnamese import normalise
from sangkien.people.models import Person
from sangkien.programmes.actions.eligibility import MAX_REASON
from sangkien.programmes.models import Basis, Phase, Programme, Target
from sangkien.programmes.rules import may_assign_target, may_register_target, may_spread_targets
from sangkien.units.models import Unit
from sangkien.units.queries import is_open_on

MAX_TARGET = 1_000_000_000
MAX_DOCUMENT = 200

Seen = Mapping[int, int | None]
"""The targets that somebody saw when they decided, by the id of the unit; None: it had none."""


class OpenTarget(NamedTuple):
    """The id and the value of a target that a unit has now."""

    pk: int
    value: int


def open_targets(
    programme: Programme, phase: Phase | None, unit_ids: Iterable[int]
) -> dict[tuple[int, Basis], OpenTarget]:
    """Return the targets that these units have now, by unit and basis: what ``Seen`` is compared with. One query."""
    found = Target.objects.filter(
        programme=programme, phase=phase, unit_id__in=list(unit_ids), closed_at__isnull=True
    ).values_list("unit_id", "basis", "pk", "value")
    return {(unit, Basis(basis)): OpenTarget(pk, value) for unit, basis, pk, value in found}


class TargetsChanged(Conflict):
    """Somebody else has changed targets meanwhile; ``changed`` says for each unit what was seen and what is so now."""

    code = "targets_changed"
    default_message = _("Somebody else has changed a target meanwhile. Nothing of yours was written.")

    def __init__(self, changed: Mapping[int, tuple[int | None, int | None]]) -> None:
        super().__init__()
        self.changed = dict(changed)


@recorded("target.set", of_unit("unit"))
@transaction.atomic
def set_target(
    *,
    actor: Person,
    programme: Programme,
    phase: Phase | None,
    unit: Unit,
    basis: Basis,
    value: int,
    reason: str = "",
    document: str = "",
    expected: Seen | None = None,
) -> Target:
    """Set, raise or lower a unit's target from now on; figures as of any earlier moment keep the one of their day.

    An assigned target is set by whoever administers a unit above, a registered one by whoever administers the unit
    itself (or above). A change needs a reason. Raises NotAllowed, InvalidInput (also for the value that it has), and
    TargetsChanged if the target is no longer as ``expected``.
    """
    # One change of a unit's targets at a time, which need not hold up submissions …
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    at = event_moment()  # … and its moment after the lock, so that a later change never has an earlier moment
    may = may_assign_target if basis == Basis.ASSIGNED else may_register_target
    if not may(actor, unit, at):
        raise NotAllowed
    _check_open(unit, at)
    _check_value(value)
    _check_phase(programme, phase)
    old = _open_targets(programme, phase, basis, [unit.pk])
    _check_seen(expected or {}, old)
    if unit.pk in old and old[unit.pk].value == value:
        raise InvalidInput(_("This is the target that there is already."), code="target_unchanged", field="value")
    words = _words(reason, document, is_change=unit.pk in old)
    return _write(actor, at, programme, phase, basis, {unit: value}, old, words)[0]


@recorded("target.set", of_unit("parent"))
@transaction.atomic
def spread_targets(
    *,
    actor: Person,
    programme: Programme,
    phase: Phase | None,
    parent: Unit,
    basis: Basis = Basis.ASSIGNED,
    values: Mapping[int, int],
    expected: Seen,
    reason: str,
    document: str = "",
) -> list[Target]:
    """Set the targets of units directly below ``parent`` together, all at one moment; return those that changed.

    ``values`` are by the ids of the units; ``expected`` is what was seen, also of other units if they matter (the
    parent's own). That they add up is for people to decide: it is not asked here. Raises NotAllowed, InvalidInput and
    TargetsChanged.
    """
    wanted = {*values, *expected, parent.pk}
    # In the order of their ids, so that of two who spread at once neither waits for the other for ever.
    locked = Unit.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    units = {unit.pk: unit for unit in locked}
    at = event_moment()
    if not may_spread_targets(actor, parent, at):
        raise NotAllowed
    _check_phase(programme, phase)
    for pk, value in values.items():
        if pk not in units or units[pk].parent_id != parent.pk:
            raise InvalidInput(
                _("Targets are spread over the units directly below."), code="not_directly_below", field=str(pk)
            )
        _check_open(units[pk], at, field=str(pk))
        _check_value(value, field=str(pk))
    old = _open_targets(programme, phase, basis, units)
    _check_seen(expected, old)
    changed = {units[pk]: value for pk, value in values.items() if pk not in old or old[pk].value != value}
    if not changed:
        raise InvalidInput(_("No target differs from what it is."), code="target_unchanged", field="values")
    words = _words(reason, document, is_change=any(unit.pk in old for unit in changed))
    return _write(actor, at, programme, phase, basis, changed, old, words)


@recorded("target.set", of_unit("successor"))
@transaction.atomic
def carry_targets(*, actor: Person, predecessors: Sequence[Unit], successor: Unit, reason: str) -> list[Target]:
    """Give a unit, beside its own targets, those of the units that merged into it; return what was set, from now on.

    Those of its predecessors stay with them: figures as of an earlier day are measured by them. Raises NotAllowed for
    whoever may not assign to the successor, and InvalidInput as ``carried_targets`` does.
    """
    successor = Unit.objects.select_for_update(no_key=True).get(pk=successor.pk)
    at = event_moment()
    if not may_assign_target(actor, successor, at):
        raise NotAllowed
    _check_open(successor, at)
    words = _words(reason, "", is_change=True)
    made = []
    for (programme, phase, basis), value in carried_targets(predecessors, successor).items():
        old = _open_targets(programme, phase, basis, [successor.pk])
        made += _write(actor, at, programme, phase, basis, {successor: value}, old, words)
    return made


def carried_targets(
    predecessors: Sequence[Unit], successor: Unit | None
) -> dict[tuple[Programme, Phase | None, Basis], int]:
    """Return the targets that a unit (None: a new one, without any of its own) gets with those of its predecessors.

    Raises InvalidInput (``carry_targets``) for a sum that is more than a target can be.
    """
    ids = [unit.pk for unit in predecessors]
    sums: defaultdict[tuple[Programme, Phase | None, Basis], int] = defaultdict(int)
    found = Target.objects.filter(unit_id__in=ids, closed_at__isnull=True).select_related("programme", "phase")
    for target in found.order_by("pk"):
        sums[target.programme, target.phase, Basis(target.basis)] += target.value
    if successor is not None:
        for target in Target.objects.filter(unit=successor, closed_at__isnull=True).select_related(
            "programme", "phase"
        ):
            key = target.programme, target.phase, Basis(target.basis)
            if key in sums:
                sums[key] += target.value
    if any(value > MAX_TARGET for value in sums.values()):
        said = _("Added up, a target would be larger than a target can be. Merge without adding them up.")
        raise InvalidInput(said, code="target_out_of_range", field="carry_targets")
    return dict(sums)


def _check_open(unit: Unit, at: datetime, field: str = "unit") -> None:
    """Raise InvalidInput for a unit that has closed."""
    if not is_open_on(unit, clock.day_of(at)):
        raise InvalidInput(_("This unit has closed. It takes no new target."), code="unit_closed", field=field)


def _check_value(value: int, field: str = "value") -> None:
    """Raise InvalidInput unless this can be a target."""
    if not 0 < value <= MAX_TARGET:
        raise InvalidInput(_("A target is a whole number above zero."), code="target_out_of_range", field=field)


def _check_phase(programme: Programme, phase: Phase | None) -> None:
    """Raise InvalidInput for a phase of another programme."""
    if phase is not None and phase.programme_id != programme.pk:
        raise InvalidInput(_("This programme has no phase with this number."), code="unknown_phase", field="phase")


def _open_targets(
    programme: Programme, phase: Phase | None, basis: Basis, unit_ids: Iterable[int]
) -> dict[int, OpenTarget]:
    """Return the targets of one basis that these units have now, by their ids."""
    found = open_targets(programme, phase, unit_ids)
    return {pk: target for (pk, its), target in found.items() if its == basis}


def _check_seen(expected: Seen, old: Mapping[int, OpenTarget]) -> None:
    """Raise TargetsChanged unless the targets are as somebody saw them."""
    now = {pk: old[pk].value if pk in old else None for pk in expected}
    changed = {pk: (seen, now[pk]) for pk, seen in expected.items() if seen != now[pk]}
    if changed:
        raise TargetsChanged(changed)


def _words(reason: str, document: str, *, is_change: bool) -> tuple[str, str]:
    """Return why, and the document, cleaned. Raises InvalidInput: a target that is changed needs a reason."""
    reason, document = normalise(reason), normalise(document)
    if is_change and not reason:
        raise InvalidInput(
            _("Say in one sentence why a target is raised or lowered."), code="reason_needed", field="reason"
        )
    for text, limit, field in ((reason, MAX_REASON, "reason"), (document, MAX_DOCUMENT, "document")):
        if len(text) > limit:
            raise InvalidInput(_("This is too long."), code="text_too_long", field=field)
    return reason, document


def _write(
    actor: Person,
    at: datetime,
    programme: Programme,
    phase: Phase | None,
    basis: Basis,
    values: Mapping[Unit, int],
    old: Mapping[int, OpenTarget],
    words: tuple[str, str],
) -> list[Target]:
    """Close what was, write what is from ``at`` on, and put both into the record, of which the units are told."""
    Target.objects.filter(pk__in=[old[unit.pk].pk for unit in values if unit.pk in old]).update(closed_at=at)
    reason, document = words
    targets = Target.objects.bulk_create(
        Target(
            programme=programme,
            phase=phase,
            unit=unit,
            basis=basis,
            value=value,
            effective_at=at,
            recorded_at=at,
            recorded_by=actor,
            reason=reason,
            document=document,
        )
        for unit, value in values.items()
    )
    things = [
        Thing(target.unit.code, target.unit.path, _target_details(target, old.get(target.unit_id), at))
        for target in targets
    ]
    entries = record_each(actor=actor, at=at, action="target.set", subject_kind="unit", things=things)
    outbox.publish(at, [(entry, 0) for entry in entries], consumers=outbox.RECORD_CONSUMERS)
    return targets


def _target_details(target: Target, old: OpenTarget | None, at: datetime) -> dict[str, object]:
    """Return what the record keeps of a change of target."""
    return {
        "programme": target.programme.code,
        "phase": target.phase.number if target.phase else None,
        "basis": target.basis,
        "value": target.value,
        "before": old.value if old else None,
        "at": at.isoformat(),
        "reason": target.reason,
        "document": target.document,
    }
