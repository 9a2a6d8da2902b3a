"""What holds for whoever sends an initiative now: the open phase, the rules, the days of verification. One question.

Submitting is what a portal is busiest with, so this reads no more than it must: a version of a rule never changes
(the database holds that), so each is read once and kept in the process.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import connection

from sangkien.core.clock import day_of, end_of_day
from sangkien.core.statements import prepared_cursor
from sangkien.programmes.models import EligibilityRule, Phase, Programme, VerificationTerms

_COLUMNS: Final = tuple(field.column for field in Phase._meta.concrete_fields)
_NAMES: Final = tuple(field.attname for field in Phase._meta.concrete_fields)
_SQL: Final = f"""
SELECT ARRAY(SELECT id FROM programmes_eligibility_rule
              WHERE programme_id = %(programme)s AND effective_at <= %(at)s AND (ended_at IS NULL OR ended_at > %(at)s)
              ORDER BY position, code),
       (SELECT due_days FROM programmes_verification_terms
         WHERE programme_id = %(programme)s AND effective_at <= %(at)s AND (ended_at IS NULL OR ended_at > %(at)s)),
       {", ".join(f"phase.{column}" for column in _COLUMNS)}
  FROM (SELECT) AS always
  LEFT JOIN programmes_phase AS phase
    ON phase.programme_id = %(programme)s AND phase.opens_at <= %(at)s AND phase.closes_at > %(at)s
"""
_USUAL_DAYS: Final[int] = VerificationTerms._meta.get_field("due_days").get_default()
_versions: dict[int, EligibilityRule] = {}


class Terms(NamedTuple):
    """The phase that takes submissions, None if none does, and the rules in force in the programme's order.

    ``due_at`` is when a decision on what is sent now is due (UTC, exclusive).
    """

    phase: Phase | None
    rules: list[EligibilityRule]
    due_at: datetime


def terms_at(programme: Programme, at: datetime) -> Terms:
    """Return what ``open_phase``, ``rules_in_force`` and ``decision_due`` say of the moment ``at``.

    One query once rules are known.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_SQL, {"programme": programme.pk, "at": at})
        in_force, due_days, *values = cursor.fetchone()
    phase = Phase.from_db(connection.alias, _NAMES, values) if values[0] is not None else None
    if unknown := [pk for pk in in_force if pk not in _versions]:
        _versions.update(EligibilityRule.objects.in_bulk(unknown))
    due_at = end_of_day(day_of(at) + timedelta(days=due_days or _USUAL_DAYS))
    return Terms(phase, [_versions[pk] for pk in in_force], due_at)
