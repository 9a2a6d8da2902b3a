"""Reading appeals and second looks: what waits for an officer, and what there was of an initiative."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import NotFound
from sangkien.initiatives.models import Appeal, Author, Event, Initiative, SecondLook
from sangkien.people.models import Person
from sangkien.units.models import Role
from sangkien.units.rules import subtree_ids_of

Review = Appeal | SecondLook
MAX_WAITING = 100


def waiting_reviews(person: Person, at: datetime, limit: int = MAX_WAITING) -> list[Review]:
    """Return the appeals and second looks that this officer may decide, those due first at the head, at most ``limit``.

    With initiatives and their units. None for somebody who is nowhere a verifier. Three queries however many there are.
    """
    heads = subtree_ids_of(person, at, (Role.VERIFIER,))
    if not heads:
        return []
    appeals = _for(person, heads, Appeal.objects.filter(state=Appeal.State.WAITING)).order_by("due_at", "id")
    looks = _for(person, heads, SecondLook.objects.filter(state=SecondLook.State.WAITING))
    both = merge(appeals[:limit], looks.order_by("due_at", "initiative")[:limit], key=lambda one: one.due_at)
    return list(islice(both, limit))


def get_appeal(appeal_id: int) -> Appeal:
    """Return an appeal with its initiative, who made it and who answered it. Raises NotFound."""
    related = ("initiative__unit", "unit", "person", "decided_by")
    found = Appeal.objects.select_related(*related).filter(pk=appeal_id).first()
    if found is None:
        raise NotFound(_("There is no such appeal."), code="unknown_appeal")
    return found


def get_second_look(number: int, event: int) -> SecondLook:
    """Return the second look at what event ``event`` of initiative ``number`` found valid. Raises NotFound."""
    related = ("initiative__unit", "unit", "decided_by")
    found = SecondLook.objects.select_related(*related).filter(initiative_id=number, number=event).first()
    if found is None:
        raise NotFound(_("There is no such second look."), code="unknown_second_look")
    return found


def load_reviews(initiative: Initiative) -> None:
    """Read the appeals and second looks of an initiative once, for all that a page asks of them: two queries."""
    appeals = Appeal.objects.select_related("unit", "person", "decided_by").order_by("made_at", "pk")
    looks = SecondLook.objects.select_related("unit", "decided_by").order_by("number")
    prefetch_related_objects([initiative], Prefetch("appeals", appeals), Prefetch("second_looks", looks))


def appeals_of(initiative: Initiative) -> list[Appeal]:
    """Return the appeals of an initiative, the oldest first, with who made and who answered them."""
    load_reviews(initiative)
    return list(initiative.appeals.all())


def looks_of(initiative: Initiative) -> list[SecondLook]:
    """Return the second looks that were taken at an initiative, the oldest first.

    Not those that wait: whoever decided first is not to know whether somebody will look again.
    """
    load_reviews(initiative)
    taken = (SecondLook.State.CONFIRMED, SecondLook.State.OVERTURNED)
    return [look for look in initiative.second_looks.all() if look.state in taken]


def _for(person: Person, heads: Sequence[int], rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return those of the rows that the verifier over these heads may decide: not their own, not decided by them."""
    same = {"initiative_id": OuterRef("initiative_id")}
    own = Author.objects.filter(person_id=person.pk, **same)
    # What they have decided here, not in another portal before: there is an index of that.
    decided = Event.objects.filter(number=OuterRef("number"), actor_id=person.pk, is_historical=False, **same)
    theirs = Q(initiative__submitter_id=person.pk) | Exists(own) | Exists(decided)
    return rows.filter(unit_path__overlap=list(heads)).exclude(theirs).select_related("initiative__unit", "unit")
