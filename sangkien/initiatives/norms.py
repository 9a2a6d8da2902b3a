"""What benefit is usual in a field, so that what is not shows."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

from django.db import connection, transaction

from sangkien.initiatives.models import BenefitNorm, Flag
from sangkien.programmes.models import Programme

TIMES_THE_MEDIAN = 10
"""A claimed benefit of at least so many times its field's median is unusually large."""
ENOUGH = 30
"""Of fewer benefits than these nothing can be said to be usual."""
KEPT_SECONDS = 3600.0
"""How long a process goes by the norms that it has read; they are made anew once a day."""

_REFRESH = """
INSERT INTO initiatives_benefit_norm AS norm (programme_id, field_id, median, count, computed_at)
SELECT programme_id, field_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY benefit_claimed), count(*), clock_timestamp()
  FROM initiatives_initiative WHERE benefit_claimed > 0 GROUP BY programme_id, field_id
    ON CONFLICT (programme_id, field_id) DO UPDATE
   SET median = excluded.median, count = excluded.count, computed_at = excluded.computed_at
"""
# Locked in the order of their numbers, as everybody locks them.
_MARK = f"""
WITH wrong AS (
    SELECT i.id FROM initiatives_initiative i
      LEFT JOIN initiatives_benefit_norm n ON (n.programme_id, n.field_id) = (i.programme_id, i.field_id)
     WHERE i.state = 'submitted'
       AND (i.flags & {Flag.LARGE_BENEFIT:d} <> 0)
        <> coalesce(n.count >= {ENOUGH} AND i.benefit_claimed >= n.median * {TIMES_THE_MEDIAN}, FALSE)
     ORDER BY i.id FOR UPDATE OF i
)
UPDATE initiatives_initiative i SET flags = i.flags # {Flag.LARGE_BENEFIT:d} FROM wrong
 WHERE i.id = wrong.id AND i.state = 'submitted'
"""


@dataclass(frozen=True, slots=True)
class Norm:
    """The median (đồng) of the claimed benefits above 0 in a field, and how many they are."""

    median: int
    count: int


class _Known(NamedTuple):
    """Norms by programme and field, and until when (of the process's clock) they are gone by."""

    norms: dict[tuple[int, int], Norm]
    until: float


_known = _Known({}, 0.0)


def refresh_norms() -> int:
    """Work out every norm anew and mark what waits accordingly; return how many were marked or no longer are."""
    with connection.cursor() as cursor:
        with transaction.atomic():
            cursor.execute(_REFRESH)
        with transaction.atomic():
            cursor.execute(_MARK)
            changed: int = cursor.rowcount
    forget_norms()
    return changed


def norm(programme: Programme, field_id: int) -> Norm | None:
    """Return what is usual in a field of a programme, None while nothing is known. Mostly no query."""
    return _norms().get((programme.pk, field_id))


def is_large(programme_id: int, field_id: int, benefit_claimed: int | None) -> bool:
    """Say whether a claimed benefit (đồng) is unusually large in its field. Mostly no query."""
    if not benefit_claimed:
        return False
    known = _norms().get((programme_id, field_id))
    return known is not None and known.count >= ENOUGH and benefit_claimed >= known.median * TIMES_THE_MEDIAN


def forget_norms() -> None:
    """Read the norms from the database again when they are asked for."""
    global _known
    _known = _Known({}, 0.0)


def _norms() -> dict[tuple[int, int], Norm]:
    """Return the norms as this process knows them."""
    global _known
    if monotonic() >= _known.until:
        rows = BenefitNorm.objects.values_list("programme_id", "field_id", "median", "count")
        norms = {(programme, field): Norm(median, count) for programme, field, median, count in rows}
        _known = _Known(norms, monotonic() + KEPT_SECONDS)
    return _known.norms
