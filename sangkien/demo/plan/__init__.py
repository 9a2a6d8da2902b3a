"""The plan of phase 1: every unit, target, submission and decision, computed, before anything is stored.

`build_plan()` returns the same plan on every platform; `check_plan()` says which published figures it misses.
"""

from __future__ import annotations

from sangkien.demo.plan.benefits import plan_benefits
from sangkien.demo.plan.checks import check_plan, known_figures
from sangkien.demo.plan.decisions import plan_decisions
from sangkien.demo.plan.model import (
    CATEGORIES,
    CUT_OFF_US,
    DECISION_KINDS,
    REASONS,
    Decisions,
    Plan,
    PlannedTarget,
    PlannedUnit,
    Submissions,
    direct_of,
)
from sangkien.demo.plan.reference import read_direct_plans
from sangkien.demo.plan.submissions import plan_categories, plan_moments
from sangkien.demo.plan.targets import plan_targets
from sangkien.demo.plan.units import plan_units

SMALLEST_SCALE = 0.001
"""About 700 submissions: below this, the laws of the plan would have nothing to hold for."""

__all__ = [
    "CATEGORIES",
    "CUT_OFF_US",
    "DECISION_KINDS",
    "REASONS",
    "SMALLEST_SCALE",
    "Decisions",
    "Plan",
    "PlannedTarget",
    "PlannedUnit",
    "Submissions",
    "build_plan",
    "check_plan",
    "known_figures",
]


def build_plan(scale: float = 1.0) -> Plan:
    """Return the plan of phase 1; at scale 1.0 with the published figures, below with a fraction of them.

    A scale below `SMALLEST_SCALE` is taken as that. Raises ValueError for a scale above 1.0 or not positive.
    """
    if not 0 < scale <= 1:
        raise ValueError(f"scale must be above 0 and at most 1, not {scale}")
    scale = max(scale, SMALLEST_SCALE)
    units = plan_units(scale)
    plans = read_direct_plans(scale)
    targets = plan_targets(units, plans, scale)
    direct = direct_of(units)
    at_us, unit = plan_moments(units, direct, plans)
    category = plan_categories(units, unit, scale)
    benefit = plan_benefits(units, unit, category, direct, plans)
    submissions = Submissions(at_us, unit, category, benefit)
    decisions = plan_decisions(units, direct, plans, submissions)
    return Plan(scale, units, targets, submissions, decisions)
