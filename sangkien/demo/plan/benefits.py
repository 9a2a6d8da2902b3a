"""The first-year benefits that authors claim: mostly nothing in money, small sums, and a very long tail."""

from __future__ import annotations

from array import array
from math import isqrt
from random import Random

from sangkien.demo.plan.model import (
    BENEFIT_NOT_IN_MONEY,
    BENEFIT_UNKNOWN,
    ENTERPRISE,
    PlannedUnit,
)
from sangkien.demo.plan.reference import DirectPlan

STEP_VND = 100_000
"""Claims are whole hundreds of thousands of đồng."""
_SMALL_MEAN_VND = 3_000_000
_LARGE_MEAN_VND = 300_000_000
_TAIL = 2048


def _tail(steep: bool) -> list[int]:
    """Return quantiles of a Pareto law in whole numbers: exponent 1 if steep, else 2/3 (a longer tail)."""
    quantiles = []
    for number in range(_TAIL):
        one = (_TAIL << 10) // (_TAIL - number)  # 1/(1 - u), in 1024ths
        quantiles.append(one if steep else one * isqrt(one << 10) >> 10)
    return quantiles


def _chances(plan: DirectPlan) -> tuple[int, int]:
    """Return in how many of 1,000 cases a claim is in money: for enterprise workers, and for others."""
    mean = plan.benefit_vnd // max(1, plan.counts[-1])
    if mean < _SMALL_MEAN_VND:
        return 240, 90
    if mean > _LARGE_MEAN_VND:
        return 760, 350
    return 560, 190


def _draw(
    unit: array[int], category: array[int], direct: array[int], plans: dict[int, DirectPlan], rng: Random
) -> array[int]:
    """Return unscaled claims: a relative size, or one of the two marks for "not in money"."""
    chances = {top: _chances(plan) for top, plan in plans.items()}
    mean_of = {top: plan.benefit_vnd // max(1, plan.counts[-1]) for top, plan in plans.items()}
    long_tail, steep_tail = _tail(steep=False), _tail(steep=True)
    tails = {top: steep_tail if mean > _LARGE_MEAN_VND else long_tail for top, mean in mean_of.items()}
    random, drawn = rng.random, array("q")
    for position, who in zip(unit, category, strict=True):
        top = direct[position]
        chance = chances[top][0 if who == ENTERPRISE else 1]
        number = int(random() * 1000)
        if number < chance:
            size = tails[top][int(random() * _TAIL)]
            drawn.append(size + int(size * random()) // 2)
        else:
            drawn.append(BENEFIT_NOT_IN_MONEY if number % 10 < 7 else BENEFIT_UNKNOWN)
    return drawn


def plan_benefits(
    units: list[PlannedUnit],
    unit: array[int],
    category: array[int],
    direct: array[int],
    plans: list[DirectPlan],
) -> array[int]:
    """Return each submission's claim in đồng; the claims of a direct unit add up to its planned sum."""
    position_of = {one.code: position for position, one in enumerate(units)}
    by_top = {position_of[plan.code]: plan for plan in plans}
    benefit = _draw(unit, category, direct, by_top, Random("benefits"))
    sizes = dict.fromkeys(by_top, 0)
    largest: dict[int, int] = {}
    for number, size in enumerate(benefit):
        if size > 0:
            top = direct[unit[number]]
            sizes[top] += size
            if size > benefit[largest.setdefault(top, number)]:
                largest[top] = number
    sums = dict.fromkeys(by_top, 0)
    for number, size in enumerate(benefit):
        if size > 0:
            top = direct[unit[number]]
            claim = max(1, size * by_top[top].benefit_vnd // (sizes[top] * STEP_VND)) * STEP_VND
            benefit[number] = claim
            sums[top] += claim
    for top, number in largest.items():  # what rounding left over
        benefit[number] = max(STEP_VND, benefit[number] + by_top[top].benefit_vnd - sums[top])
    return benefit
