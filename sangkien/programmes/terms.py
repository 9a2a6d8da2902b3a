"""What holds for whoever sends an initiative now: the open phase and the rules, in one small question.

Submitting is what a portal is busiest with, so this reads no more than it must: a version of a rule never changes
(the database holds that), so each is read once and kept in the process.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from django.db import connection

from sangkien.core.statements import prepared_cursor
from sangkien.programmes.models import EligibilityRule, Phase, Programme

_COLUMNS: Final = tuple(field.column for field in Phase._meta.concrete_fields)
_NAMES: Final = tuple(field.attname for field in Phase._meta.concrete_fields)
_SQL: Final = f"""
SELECT ARRAY(SELECT id FROM programmes_eligibility_rule
              WHERE programme_id = %(programme)s AND effective_at <= %(at)s AND (ended_at IS NULL OR ended_at > %(at)s)
              ORDER BY position, code),
       {", ".join(f"phase.{column}" for column in _COLUMNS)}
  FROM (SELECT) AS always
  LEFT JOIN programmes_phase AS phase
    ON phase.programme_id = %(programme)s AND phase.opens_at <= %(at)s AND phase.closes_at > %(at)s
"""
_versions: dict[int, EligibilityRule] = {}


class Terms(NamedTuple):
    """The phase that takes submissions, None if none does, and the rules in force in the programme's order."""

    phase: Phase | None
    rules: list[EligibilityRule]


def terms_at(programme: Programme, at: datetime) -> Terms:
    """Return what ``open_phase`` and ``rules_in_force`` say of the moment ``at``. One query once rules are known."""
    with prepared_cursor() as cursor:
        cursor.execute(_SQL, {"programme": programme.pk, "at": at})
        in_force, *values = cursor.fetchone()
    phase = Phase.from_db(connection.alias, _NAMES, values) if values[0] is not None else None
    if unknown := [pk for pk in in_force if pk not in _versions]:
        _versions.update(EligibilityRule.objects.in_bulk(unknown))
    return Terms(phase, [_versions[pk] for pk in in_force])
