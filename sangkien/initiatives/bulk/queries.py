"""How decisions about many stand: for whoever took them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import NotFound
from sangkien.initiatives.models import BulkDecision, BulkItem
from sangkien.people.models import Person


def get_bulk(person: Person, bulk_id: UUID) -> BulkDecision:
    """Return one that the person made. Raises NotFound for any other."""
    found = BulkDecision.objects.filter(pk=bulk_id, actor_id=person.pk).first()
    if found is None:
        raise NotFound(_("There is no such decision."), code="unknown_bulk")
    return found


def bulks_of(person: Person, limit: int = 10) -> list[BulkDecision]:
    """Return what the person decided about many, the newest first."""
    return list(BulkDecision.objects.filter(actor_id=person.pk).order_by("-made_at", "pk")[:limit])


def outcomes_of(bulk: BulkDecision) -> dict[BulkItem.Outcome, int]:
    """Return how many have come to which end; those not gone through yet are ``WAITING``."""
    counted = bulk.items.values_list("outcome").annotate(number=Count("position")).order_by()
    return {BulkItem.Outcome(outcome): number for outcome, number in counted}


def skipped_of(bulk: BulkDecision, limit: int = 100) -> list[tuple[int, BulkItem.Outcome]]:
    """Return the numbers of initiatives that were not decided, with the reason, in the order of the decision."""
    skipped = bulk.items.exclude(outcome__in=(BulkItem.Outcome.WAITING, BulkItem.Outcome.DONE)).order_by("position")
    rows = skipped.values_list("initiative_id", "outcome")[:limit]
    return [(number, BulkItem.Outcome(outcome)) for number, outcome in rows]
