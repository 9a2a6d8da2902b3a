"""Reading appeals and second looks: what waits for an officer, and what there was of an initiative."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import Any, Final, NamedTuple, Self

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import NotFound
from sangkien.initiatives.models import Appeal, Author, Event, Initiative, SecondLook
from sangkien.people.models import Person
from sangkien.units.models import Role, Unit
from sangkien.units.scopes import Scope, scope_of, scope_of_unit

Review = Appeal | SecondLook
MAX_WAITING = 100
_APPEALS: Final = Appeal.objects.filter(state=Appeal.State.WAITING)
_LOOKS: Final = SecondLook.objects.filter(state=SecondLook.State.WAITING)


class Place(NamedTuple):
    """Where one appeal or second look stands among those that wait: when it is due, its kind, and its number.

    ``number`` is the appeal's own, or that of the second look's initiative, of which no two wait at once.
    """

    due_at: datetime
    is_look: bool
    number: int

    def __str__(self) -> str:
        return f"{self.due_at.isoformat()}_{int(self.is_look)}_{self.number}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return what ``str()`` wrote; None, the beginning, for anything else."""
        due_at, _mark, rest = text.partition("_")
        is_look, _mark, number = rest.partition("_")
        try:
            moment = datetime.fromisoformat(due_at)
            place = cls(moment.astimezone(UTC), bool(int(is_look)), int(number))  # the database knows not every offset
        except (ValueError, OverflowError):
            return None
        return place if moment.tzinfo is not None and 0 < place.number < 2**63 else None


def place_of(review: Review) -> Place:
    """Return where an appeal or a second look stands among those that wait."""
    is_look = isinstance(review, SecondLook)
    return Place(review.due_at, is_look, review.initiative_id if is_look else review.pk)


class Waiting(NamedTuple):
    """How many appeals and second looks wait, and how many of these are overdue."""

    total: int
    overdue: int


def waiting_reviews(
    person: Person, at: datetime, limit: int = MAX_WAITING, *, unit: Unit | None = None, after: Place | None = None
) -> list[Review]:
    """Return the appeals and second looks that this officer may decide, those due first at the head, at most ``limit``.

    With initiatives and their units; only those at and below ``unit``, and those that stand behind ``after``. None for
    somebody who is nowhere a verifier. Three queries however many there are, four of a unit.
    """
    waiting = _waiting_for(person, at, unit)
    if waiting is None:
        return []
    appeals, looks = (rows.select_related("initiative__unit", "unit") for rows in waiting)
    first = _behind(appeals.order_by("due_at", "id"), after, is_look=False)[:limit]
    second = _behind(looks.order_by("due_at", "initiative"), after, is_look=True)[:limit]
    return list(islice(merge(first, second, key=place_of), limit))


def count_for(person: Person, at: datetime, unit: Unit | None = None) -> Waiting:
    """Return how many appeals and second looks this officer may decide, at and below ``unit`` if one is given.

    Three queries however many there are, four of a unit.
    """
    waiting = _waiting_for(person, at, unit)
    return Waiting(0, 0) if waiting is None else _count(waiting, at)


def count_in(unit: Unit, reader: Person, at: datetime) -> Waiting:
    """Return how many appeals and second looks wait at and below a unit, for whoever may read how it is doing.

    Without those of ``reader`` and those about what they decided: nobody is to know whether their own decision was
    picked for a second look. So it is what a verifier of the unit finds in their list. Three queries.
    """
    scope = scope_of_unit(unit)
    return _count((_for(reader, scope, _APPEALS), _for(reader, scope, _LOOKS)), at)


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


def _for(person: Person, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return those of the rows that the verifier over this scope may decide: not their own, not decided by them."""
    same = {"initiative_id": OuterRef("initiative_id")}
    own = Author.objects.filter(person_id=person.pk, **same)
    decided = Event.objects.filter(number=OuterRef("number"), actor_id=person.pk, **same)
    theirs = Q(initiative__submitter_id=person.pk) | Exists(own) | Exists(decided)
    return rows.filter(scope.within()).exclude(theirs)


def _waiting_for(person: Person, at: datetime, unit: Unit | None) -> tuple[QuerySet[Any], QuerySet[Any]] | None:
    """Return the appeals and the second looks that this officer may decide; None if they are nowhere a verifier."""
    scope = scope_of(person, at, (Role.VERIFIER,))
    if not scope:
        return None
    appeals, looks = _for(person, scope, _APPEALS), _for(person, scope, _LOOKS)
    if unit is None:
        return appeals, looks
    here = scope_of_unit(unit).within()
    return appeals.filter(here), looks.filter(here)


def _behind(rows: QuerySet[Any], after: Place | None, *, is_look: bool) -> QuerySet[Any]:
    """Return those of the rows that stand behind a place: of those due at one moment, appeals come first."""
    if after is None:
        return rows
    if is_look != after.is_look:
        return rows.filter(**{"due_at__gte" if is_look else "due_at__gt": after.due_at})
    number = "initiative_id__gt" if is_look else "id__gt"
    # Both halves, for the index: the first is where it begins to be read.
    return rows.filter(Q(due_at__gt=after.due_at) | Q(**{number: after.number}), due_at__gte=after.due_at)


def _count(waiting: Iterable[QuerySet[Any]], at: datetime) -> Waiting:
    """Count what waits, and what of it is overdue: one query for each kind."""
    found = [
        rows.aggregate(total=Count("due_at"), overdue=Count("due_at", filter=Q(due_at__lte=at))) for rows in waiting
    ]
    return Waiting(sum(one["total"] for one in found), sum(one["overdue"] for one in found))
