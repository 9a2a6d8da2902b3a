"""Reads the reference data beside this package and scales the table of control points."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum
from pathlib import Path

from sangkien.demo.plan.model import CUT_OFF_US, OPENING_US, vn_us

DATA = Path(__file__).resolve().parent.parent / "data"

CONTROL_US = (
    vn_us(2022, 1, 9),
    vn_us(2022, 4, 1),
    vn_us(2022, 4, 22),
    vn_us(2022, 5, 10, 14),
    vn_us(2022, 5, 11),
    vn_us(2022, 5, 12),
    vn_us(2022, 5, 31, 15),
    CUT_OFF_US,
)
"""The moments (exclusive) at which every direct unit's count is fixed in `phase1_plan.csv`."""
CONTROL_COLUMNS = (
    "c_0108_24h",
    "c_0331_24h",
    "c_0421_24h",
    "c_0510_14h",
    "c_0510_24h",
    "c_0511_24h",
    "c_0531_15h",
    "c_0531_24h",
)
INTERVALS = tuple(zip((OPENING_US, *CONTROL_US[:-1]), CONTROL_US, strict=True))


@dataclass(frozen=True, slots=True)
class DirectPlan:
    """One direct unit's row of `phase1_plan.csv`, scaled; `counts` are cumulative, one per control moment."""

    code: str
    counts: tuple[int, ...]
    valid: int
    benefit_vnd: int
    assigned_phase1: int
    assigned_programme: int
    registered_first: int | None
    registered: int | None
    raised_on: str | None


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one CSV file of the data folder, by column name."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def scaled(value: int, scale: float, least: int = 0) -> int:
    """Return value x scale, rounded half up, at least `least`."""
    return max(least, int(value * scale + 0.5))


def _target(text: str, scale: float) -> int | None:
    return scaled(int(text), scale, least=1) if text else None


def read_direct_plans(scale: float) -> list[DirectPlan]:
    """Return the scaled control table, one row per direct unit, in the order of the units' file."""
    plans = []
    for row in read_rows("phase1_plan.csv"):
        counts = [scaled(int(row[column]), scale) for column in CONTROL_COLUMNS]
        counts[-1] = max(counts[-1], 1)
        if row["unit_code"] == "CDCNTT":  # closed on 1/4: its figures stand still from then on
            counts[1:] = [counts[-1]] * (len(counts) - 1)
        plans.append(
            DirectPlan(
                code=row["unit_code"],
                counts=tuple(counts),
                valid=scaled(int(row["valid"]), scale),
                benefit_vnd=scaled(int(row["benefit_million_vnd"]), scale) * 1_000_000,
                assigned_phase1=scaled(int(row["assigned_phase1"]), scale, least=1),
                assigned_programme=scaled(int(row["assigned_programme"]), scale, least=1),
                registered_first=_target(row["registered_first"], scale),
                registered=_target(row["registered"], scale),
                raised_on=row["raised_on"] or None,
            )
        )
    return plans


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Split a whole number in proportion to weights (not all zero), by largest remainder."""
    sum_of_weights = fsum(weights)  # exact, so the same under every Python version
    exact = [total * weight / sum_of_weights for weight in weights]
    parts = [int(value) for value in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for position in by_remainder[: total - sum(parts)]:
        parts[position] += 1
    return parts


def running(weights: Iterable[float]) -> list[float]:
    """Return the running totals of weights, for a binary search by a random number."""
    totals = []
    total = 0.0
    for weight in weights:
        total += weight
        totals.append(total)
    return totals
