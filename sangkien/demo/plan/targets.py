"""The targets: published ones, and made-up ones by the yardstick of one initiative per ten members."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sangkien.demo.plan.model import VIETNAM, PlannedTarget, PlannedUnit
from sangkien.demo.plan.reference import DirectPlan, apportion, scaled

ASSIGNED, REGISTERED = "assigned", "registered"
WHOLE_PROGRAMME = None

LAUNCHED = datetime(2021, 12, 15, 8, tzinfo=VIETNAM)
ASSIGNED_AT = datetime(2021, 12, 31, 8, tzinfo=VIETNAM)
REGISTERED_AT = datetime(2022, 1, 7, 8, tzinfo=VIETNAM)
PLEDGED_AT = datetime(2022, 1, 10, 8, tzinfo=VIETNAM)

CONFEDERATION = (1_000_000, 300_000)
HANOI_OWN_PROGRAMME = 130_000
HANOI_ZONES = ("HNI-KCN", 50_000)
SUBDIVIDED = ("HNI", "HCM", "THA", "HUG")
"""The provinces whose districts are real: their phase-1 targets are divided over them."""


def _confederation(scale: float) -> Iterator[PlannedTarget]:
    programme, phase = (scaled(value, scale, least=1) for value in CONFEDERATION)
    reason = "Đoàn Chủ tịch Tổng Liên đoàn phát động chương trình"
    yield PlannedTarget("TLD", WHOLE_PROGRAMME, ASSIGNED, programme, LAUNCHED, reason, "")
    yield PlannedTarget("TLD", 1, ASSIGNED, phase, LAUNCHED, reason, "")


def _direct(plan: DirectPlan) -> Iterator[PlannedTarget]:
    reason = "Tổng Liên đoàn giao chỉ tiêu"
    yield PlannedTarget(plan.code, WHOLE_PROGRAMME, ASSIGNED, plan.assigned_programme, ASSIGNED_AT, reason, "")
    yield PlannedTarget(plan.code, 1, ASSIGNED, plan.assigned_phase1, ASSIGNED_AT, reason, "")
    own = "Đơn vị tự đăng ký"
    if plan.registered is None:
        return
    if plan.registered_first is None or plan.raised_on is None:
        yield PlannedTarget(plan.code, 1, REGISTERED, plan.registered, REGISTERED_AT, own, "")
        return
    yield PlannedTarget(plan.code, 1, REGISTERED, plan.registered_first, REGISTERED_AT, own, "")
    raised_at = datetime.fromisoformat(plan.raised_on).replace(hour=9, tzinfo=VIETNAM)
    raised = max(plan.registered, plan.registered_first + 1)
    yield PlannedTarget(plan.code, 1, REGISTERED, raised, raised_at, "Đơn vị điều chỉnh tăng chỉ tiêu đăng ký", "")


def _below(headline: PlannedTarget, units: list[PlannedUnit]) -> Iterator[PlannedTarget]:
    """Divide a province's phase-1 target over its districts and sectors; the parts add up to it."""
    uppers = [unit for unit in units if unit.parent_code == headline.unit_code]
    members = dict.fromkeys((unit.code for unit in uppers), 0)
    for unit in units:
        if unit.parent_code in members:
            members[unit.parent_code] += 20 + (unit.members or 0)
    reason = f"Phân bổ chỉ tiêu giai đoạn 1 của {headline.unit_code}"
    parts = apportion(headline.value, [float(1 + members[unit.code]) for unit in uppers])
    for unit, value in zip(uppers, parts, strict=True):
        if value:
            yield PlannedTarget(unit.code, 1, ASSIGNED, value, headline.effective_at, reason, "")


def plan_targets(units: list[PlannedUnit], plans: list[DirectPlan], scale: float) -> list[PlannedTarget]:
    """Return every target in order of effect; at a small scale values shrink with the counts."""
    targets = list(_confederation(scale))
    for plan in plans:
        targets.extend(_direct(plan))
    own = "Đơn vị tự đăng ký"
    targets.append(
        PlannedTarget(
            "HNI",
            WHOLE_PROGRAMME,
            REGISTERED,
            scaled(HANOI_OWN_PROGRAMME, scale, least=1),
            REGISTERED_AT,
            own,
            "",
        )
    )
    code, value = HANOI_ZONES
    targets.append(PlannedTarget(code, WHOLE_PROGRAMME, REGISTERED, scaled(value, scale, least=1), PLEDGED_AT, own, ""))
    for province in SUBDIVIDED:
        targets.extend(_below(phase_headline(targets, province), units))
    return sorted(targets, key=lambda target: target.effective_at)


def current_target(
    targets: list[PlannedTarget], unit_code: str, phase: int | None, basis: str, at: datetime | None = None
) -> PlannedTarget | None:
    """Return the target in force just before a moment (exclusive; None: the last one), or None."""
    rows = [
        target
        for target in targets
        if (target.unit_code, target.phase, target.basis) == (unit_code, phase, basis)
        and (at is None or target.effective_at < at)
    ]
    return max(rows, key=lambda target: target.effective_at) if rows else None


def phase_headline(targets: list[PlannedTarget], unit_code: str, at: datetime | None = None) -> PlannedTarget:
    """Return the phase-1 target that a board shows: the registered one if there is one, else the assigned.

    Raises LookupError if the unit has neither.
    """
    for basis in (REGISTERED, ASSIGNED):
        target = current_target(targets, unit_code, 1, basis, at)
        if target is not None:
            return target
    raise LookupError(f"no phase-1 target for {unit_code}")
