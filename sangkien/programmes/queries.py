"""Reading programmes, phases and the targets in force at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import NotFound
from sangkien.core.questions import Question
from sangkien.programmes.models import Basis, Phase, Programme, Target
from sangkien.units.models import Unit

NEWEST: Final = Question(Programme, "ORDER BY starts_at DESC, id DESC LIMIT 1")
"""The programme that began last, without its owner."""


def get_programme(code: str) -> Programme:
    """Return the programme with this code, with its owner. Raises NotFound."""
    rows = Programme.objects.select_related("owner", "headline_phase")
    found = rows.filter(code=code).first() if code.isprintable() else None  # the database takes no NUL in a text
    if found is None:
        raise NotFound(_("There is no programme with this code."), code="unknown_programme")
    return found


def the_programme() -> Programme | None:
    """Return the programme that the public pages show: the one that began last, or None before the first."""
    return Programme.objects.select_related("owner", "headline_phase").order_by("-starts_at", "-pk").first()


def list_programmes() -> list[Programme]:
    """Return every programme with its phases, the newest first."""
    return list(
        Programme.objects.select_related("owner", "headline_phase")
        .prefetch_related("phases")
        .order_by("-starts_at", "-pk")
    )


def phases_of(programme: Programme) -> list[Phase]:
    """Return the programme's phases by number."""
    return list(programme.phases.order_by("number"))


def get_phase(programme: Programme, number: int) -> Phase:
    """Return one phase by its number. Raises NotFound."""
    try:
        return programme.phases.get(number=number)
    except Phase.DoesNotExist:
        raise NotFound(_("This programme has no phase with this number."), code="unknown_phase") from None


def phase_before(phases: Iterable[Phase], at: datetime) -> Phase | None:
    """Return the phase that figures as of ``at`` (exclusive) are about: the last one that had opened before it."""
    return max((p for p in phases if p.opens_at < at), key=lambda p: p.opens_at, default=None)


def phase_at(programme: Programme, at: datetime) -> Phase | None:
    """Return the last phase that opened before ``at``, or None before the first."""
    return phase_before(phases_of(programme), at)


def open_phase(programme: Programme, at: datetime) -> Phase | None:
    """Return the phase that takes submissions at the moment ``at``, if any."""
    return programme.phases.filter(opens_at__lte=at, closes_at__gt=at).first()


class TargetInForce(NamedTuple):
    """What a figure needs of a target; ``phase_id`` None is the whole programme. A board has a few for each unit."""

    unit_id: int
    phase_id: int | None
    basis: str
    value: int


def targets_in_force(programme: Programme, unit_ids: Iterable[int], at: datetime) -> list[TargetInForce]:
    """Return the targets of these units that figures as of ``at`` (exclusive) are measured by."""
    return [
        TargetInForce(*row)
        for row in Target.objects.filter(programme=programme, unit_id__in=list(unit_ids), effective_at__lt=at)
        .filter(Q(closed_at__isnull=True) | Q(closed_at__gte=at))
        .order_by("phase__number", "basis")
        .values_list("unit_id", "phase_id", "basis", "value")
    ]


def target_history(programme: Programme, unit_ids: Iterable[int], at: datetime) -> list[Target]:
    """Return every target of these units that had come into force before ``at``, the oldest first."""
    return list(
        Target.objects.filter(programme=programme, unit_id__in=list(unit_ids), effective_at__lt=at)
        .select_related("phase", "unit")
        .order_by("effective_at", "pk")
    )


def present_targets(
    programme: Programme, phase: Phase | None, unit_ids: Iterable[int]
) -> dict[tuple[int, Basis], Target]:
    """Return the targets that these units have now, by unit and basis, with who set them."""
    found = Target.objects.filter(
        programme=programme, phase=phase, unit_id__in=list(unit_ids), closed_at__isnull=True
    ).select_related("recorded_by")
    return {(target.unit_id, Basis(target.basis)): target for target in found}


class TargetChange(NamedTuple):
    """A target that was set, with the one whose place it took (None: the first)."""

    target: Target
    before: int | None


def target_changes(
    programme: Programme, units: Iterable[int], *, before: int | None = None, limit: int = 50
) -> list[TargetChange]:
    """Return how the targets of these units were set, the newest first, with who did it.

    ``before`` is the id of a target: only what was set before it, for the next page.
    """
    place = {name: OuterRef(name) for name in ("programme_id", "unit_id", "basis")}
    former = (
        Target.objects.filter(closed_at=OuterRef("effective_at"), **place)
        .alias(in_phase=Coalesce("phase_id", 0))
        .filter(in_phase=Coalesce(OuterRef("phase_id"), 0))
    )
    found = Target.objects.filter(programme=programme, unit_id__in=list(units))
    last = found.filter(pk=before).values_list("effective_at", flat=True).first() if before is not None else None
    if last is not None:
        found = found.filter(Q(effective_at__lt=last) | Q(effective_at=last, pk__lt=before))
    rows = (
        found.select_related("phase", "unit", "recorded_by")
        .annotate(former=Subquery(former.values("value")[:1]))
        .order_by("-effective_at", "-pk")[:limit]
    )
    return [TargetChange(row, row.former) for row in rows]


def open_targets_below(unit_ids: Iterable[int]) -> int:
    """Return how many targets these units and all below them have now, in every programme."""
    return Target.objects.filter(unit__in=Unit.objects.filter(path__overlap=list(unit_ids)), closed_at=None).count()
