"""How initiatives of a programme are verified: the terms in force at a moment, and the days that follow from them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from sangkien.core import clock
from sangkien.programmes.models import Programme, VerificationTerms


def verification_terms(programme: Programme, at: datetime) -> VerificationTerms:
    """Return the terms in force at the moment ``at``; the usual ones, not stored, while none were ever set."""
    in_force = VerificationTerms.objects.filter(programme_id=programme.pk, effective_at__lte=at)
    found = in_force.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=at)).first()
    return found or VerificationTerms(programme_id=programme.pk, effective_at=at)


def terms_history(programme: Programme) -> list[VerificationTerms]:
    """Return all terms that were ever set, the newest first, with who set them."""
    return list(
        VerificationTerms.objects.filter(programme_id=programme.pk)
        .select_related("recorded_by")
        .order_by("-effective_at", "-pk")
    )


def decision_due(terms: VerificationTerms, since: datetime) -> datetime:
    """Return until when what has waited since ``since`` is to be decided (UTC, exclusive): the end of the last day."""
    return clock.end_of_day(clock.day_of(since) + timedelta(days=terms.due_days))


def appeal_closes(terms: VerificationTerms, found_at: datetime) -> datetime:
    """Return until when a finding of ``found_at`` can be appealed (UTC, exclusive): the end of the last day."""
    return clock.end_of_day(clock.day_of(found_at) + timedelta(days=terms.appeal_days))
