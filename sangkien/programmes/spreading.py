"""How a number is spread over units: pure arithmetic, whole numbers that add up exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def evenly(total: int, units: Sequence[int]) -> dict[int, int]:
    """Return what each unit (by id) gets of ``total`` when all get the same; the first get the odd ones.

    With fewer than there are units the last get nothing. Raises ValueError without units or below zero.
    """
    return _shared(total, dict.fromkeys(units, 1))


def by_members(total: int, members: Mapping[int, int]) -> dict[int, int]:
    """Return what each unit (by id) gets of ``total`` in proportion to its members, cut to whole numbers.

    What is left over by cutting goes, one each, to those from whom most was cut, the earlier of equal ones first. If
    nobody has any members all get the same. Raises ValueError without units or below zero.
    """
    return _shared(total, members if any(members.values()) else dict.fromkeys(members, 1))


def _shared(total: int, weights: Mapping[int, int]) -> dict[int, int]:
    """Spread ``total`` by weights: the method of the largest remainder."""
    if total < 0 or not weights or min(weights.values()) < 0:
        raise ValueError("a number from zero is spread over at least one unit")
    whole = sum(weights.values())
    given = {unit: total * weight // whole for unit, weight in weights.items()}
    most_cut = sorted(weights, key=lambda unit: -(total * weights[unit] % whole))  # stable: the earlier of equal ones
    for unit in most_cut[: total - sum(given.values())]:
        given[unit] += 1
    return given
