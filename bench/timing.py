"""Clocks and percentiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from time import perf_counter

from django.db import connection


@dataclass(frozen=True, slots=True)
class Beside:
    """The 95th percentiles of something and of a bare ``SELECT 1`` called in turns with it, in milliseconds."""

    p95: float
    reference: float


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least ``percent`` of all do not exceed. Raises ValueError without values."""
    if not values:
        raise ValueError("there is no percentile of nothing")
    return sorted(values)[max(0, ceil(len(values) * percent / 100) - 1)]


def milliseconds(call: Callable[[], object]) -> float:
    """Return how long one call takes."""
    started = perf_counter()
    call()
    return (perf_counter() - started) * 1_000


def seconds(call: Callable[[], object]) -> float:
    """Return how long one call takes."""
    return milliseconds(call) / 1_000


def beside_round_trip(calls: Sequence[Callable[[], object]], warm_up: int = 5) -> Beside:
    """Time each call once, a bare round trip to the database before each; the first few are made twice."""
    for call in calls[:warm_up]:
        call()
    taken, bare = [], []
    for call in calls:
        bare.append(milliseconds(round_trip))
        taken.append(milliseconds(call))
    return Beside(percentile(taken, 95), percentile(bare, 95))


def round_trip() -> None:
    """Ask the database the smallest question there is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
