"""Until when findings of invalid can be appealed: for many at once, where ``initiatives.rules`` answers for one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sangkien.initiatives.models import Initiative
from sangkien.programmes.models import VerificationTerms
from sangkien.programmes.verification import appeal_closes, terms_history

Found = tuple[int, datetime]
"""The number of an initiative, and when it was found invalid."""


def appeals_close(findings: Iterable[tuple[Initiative, datetime]]) -> dict[Found, datetime]:
    """Return until when each finding can be appealed (UTC, exclusive), by the terms in force when it was made.

    Two queries for each programme, none without findings.
    """
    asked = list(findings)
    one_of = {initiative.programme_id: initiative for initiative, _at in asked}
    terms = {number: terms_history(initiative.programme) for number, initiative in one_of.items()}
    return {
        (initiative.pk, at): appeal_closes(_in_force(terms[initiative.programme_id], initiative, at), at)
        for initiative, at in asked
    }


def _in_force(history: Iterable[VerificationTerms], initiative: Initiative, at: datetime) -> VerificationTerms:
    """Return the terms in force at a moment; the usual ones, not stored, while none were ever set."""
    usual = VerificationTerms(programme_id=initiative.programme_id, effective_at=at)
    held = (one for one in history if one.effective_at <= at and (one.ended_at is None or at < one.ended_at))
    return next(held, usual)
