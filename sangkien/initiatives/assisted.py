"""What somebody entered for others who could not, and what those have said to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from sangkien.initiatives.models import Author, Initiative, Response
from sangkien.initiatives.queries import Cursor
from sangkien.people.models import Person

PRINCIPAL = 1
MAX_PAGE = 100


@dataclass(frozen=True, slots=True)
class Entered:
    """One initiative that was entered for its principal author, who has confirmed, declined or said nothing yet.

    ``is_asked``: they were named by an account or a contact, so that they could be told.
    """

    initiative: Initiative
    author: Author

    @property
    def is_asked(self) -> bool:
        """Whether the principal author could be told."""
        return bool(self.author.contact or self.author.person_id)

    @property
    def response(self) -> Response | None:
        """What the principal author said."""
        return Response(self.author.response) if self.author.response else None


@dataclass(frozen=True, slots=True)
class EnteredPage:
    """Some of them, the newest first; ``next`` continues after the last, None at the end."""

    rows: Sequence[Entered]
    next: Cursor | None


def entered_for_others(person: Person, after: Cursor | None = None, limit: int = 20) -> EnteredPage:
    """Return what the person sent for others, the newest first; at most 100. What came in as history is left out."""
    limit = max(1, min(limit, MAX_PAGE))
    rows = _of(person)
    if after is not None:
        moment, number = after
        rows = rows.filter(created_at__lte=moment).filter(Q(created_at__lt=moment) | Q(pk__lt=number))
    found = list(
        rows.select_related("unit").prefetch_related("authors").order_by("-created_at", "-pk")[: limit + 1],
    )
    shown = found[:limit]
    last = (shown[-1].created_at, shown[-1].pk) if len(found) > limit else None
    return EnteredPage([Entered(one, next(iter(one.authors.all()))) for one in shown], last)


def _of(person: Person) -> QuerySet[Initiative]:
    """Return what the person sent whose principal author is another."""
    own = Author.objects.filter(initiative_id=OuterRef("pk"), number=PRINCIPAL, person_id=person.pk)
    sent = Initiative.objects.filter(submitter=person, is_historical=False, submitted_at__isnull=False)
    return sent.filter(~Exists(own)) if person.is_active else sent.none()
