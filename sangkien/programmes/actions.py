"""What people do with targets."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.audit.actions import record
from sangkien.core.errors import InvalidInput, NotAllowed
from sangkien.core.moments import event_moment
from sangkien.people.models import Person
from sangkien.programmes.models import Basis, Phase, Programme, Target
from sangkien.programmes.rules import may_assign_target, may_register_target
from sangkien.units.models import Unit

MAX_TARGET = 1_000_000_000


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
) -> Target:
    """Set, raise or lower a unit's target from now on; figures as of any earlier moment keep the one of their day.

    An assigned target is set by whoever administers a unit above, a registered one by whoever administers the unit
    itself (or above). Raises NotAllowed and InvalidInput.
    """
    Unit.objects.select_for_update().get(pk=unit.pk)  # one change of a unit's targets at a time …
    at = event_moment()  # … and its moment after the lock, so that a later change never has an earlier moment
    may = may_assign_target if basis == Basis.ASSIGNED else may_register_target
    if not may(actor, unit, at):
        raise NotAllowed
    if not 0 < value <= MAX_TARGET:
        raise InvalidInput(_("A target is a whole number above zero."), code="target_out_of_range", field="value")
    if phase is not None and phase.programme_id != programme.pk:
        raise InvalidInput(_("This programme has no phase with this number."), code="unknown_phase", field="phase")
    old = Target.objects.filter(
        programme=programme, phase=phase, unit=unit, basis=basis, closed_at__isnull=True
    ).first()
    if old is not None:
        old.closed_at = at
        old.save(update_fields=["closed_at"])
    target = Target.objects.create(
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
    record(
        actor=actor,
        at=at,
        action="target.set",
        subject_kind="unit",
        subject=unit.code,
        unit_path=unit.path,
        details=_target_details(target, old, at),
    )
    return target


def _target_details(target: Target, old: Target | None, at: datetime) -> dict[str, object]:
    """Return what the record keeps of a change of target."""
    return {
        "programme": target.programme.code,
        "phase": target.phase.number if target.phase else None,
        "basis": target.basis,
        "value": target.value,
        "before": old.value if old else None,
        "at": at.isoformat(),
    }
