"""Reading programmes, phases and the targets in force at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import NotFound
from sangkien.core.questions import Question
from sangkien.programmes.models import Phase, Programme, Target

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
