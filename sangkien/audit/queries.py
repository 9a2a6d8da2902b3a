"""Reading the record. Who may read which part of it, ``units.record`` says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Final, NamedTuple, Self

from django.db.models import Func, IntegerField, Q, QuerySet

from sangkien.audit.models import AuditEntry
from sangkien.core.errors import InvalidInput

_LAST: Final = "(%(expressions)s)[cardinality(%(expressions)s)]"
_UNIT: Final = Func("unit_path", template=_LAST, output_field=IntegerField())
"""The id of the unit in whose scope something happened: the last of its path."""
INDEXED_LEVELS = 4
"""So many levels of the tree have an index of their own; a unit below is looked for among what is above it."""


class Cursor(NamedTuple):
    """The last entry of a page: its moment and its id."""

    at: datetime
    number: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.number}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return what ``str()`` wrote; None for an empty text. Raises InvalidInput."""
        if not text:
            return None
        at, _mark, number = text.partition("_")
        try:
            moment, last = datetime.fromisoformat(at), int(number)
            place = cls(moment.astimezone(UTC), last)  # the database does not know every offset
        except (ValueError, OverflowError):
            raise InvalidInput(code="bad_cursor") from None
        if moment.tzinfo is None or not 0 < last < 2**63:
            raise InvalidInput(code="bad_cursor")
        return place


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: entries below any of ``scopes`` (paths of units), but of none of the units ``without`` (ids).

    ``actors`` (ids) None: by anybody; ``since`` and ``until`` in UTC, ``until`` exclusive.
    """

    scopes: Sequence[Sequence[int]]
    actors: Sequence[int] | None = None
    actions: Sequence[str] = ()
    subjects: Sequence[tuple[str, str]] = field(default=())
    since: datetime | None = None
    until: datetime | None = None
    without: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Entries with their actors, the newest first, and where the next page begins; None: there is none."""

    entries: list[AuditEntry]
    next: Cursor | None


def find_entries(search: Search, after: Cursor | None = None, limit: int = 50) -> RecordPage:
    """Return a page of what is looked for. Two queries, however much there is."""
    parts = [_part(search, where, after)[: limit + 1] for where in _alternatives(search)]
    if not parts:
        return RecordPage([], None)
    found = parts[0] if len(parts) == 1 else parts[0].union(*parts[1:]).order_by("-at", "-pk")[: limit + 1]
    numbers = [number for number, _at in found.values_list("pk", "at")]
    entries = AuditEntry.objects.select_related("actor").filter(pk__in=numbers).order_by("-at", "-pk")
    page = list(entries[:limit])
    last = page[-1] if len(numbers) > limit else None
    return RecordPage(page, Cursor(last.at, last.pk) if last else None)


def _alternatives(search: Search) -> list[Q]:
    """Return conditions, each of which is read in the order of an index, and cut off."""
    scopes = [_below(path) for path in search.scopes if path]
    if not scopes or search.actors is None:
        return scopes
    return [Q(actor_id=actor) & reduce(or_, scopes) for actor in search.actors]


def _below(path: Sequence[int]) -> Q:
    """Return the condition of an entry in the scope of the unit with this path: it or any below."""
    level = len(path)
    here = Q(**{f"unit_path__{level - 1}": path[-1]})
    lowest = INDEXED_LEVELS - 1
    return here if level <= INDEXED_LEVELS else here & Q(**{f"unit_path__{lowest}": path[lowest]})


def _part(search: Search, where: Q, after: Cursor | None) -> QuerySet[AuditEntry]:
    """Return the entries of one alternative, the newest first."""
    found = AuditEntry.objects.filter(where)
    if search.actions:
        found = found.filter(action__in=search.actions)
    if search.subjects:
        found = found.filter(reduce(or_, (Q(subject_kind=kind, subject=subject) for kind, subject in search.subjects)))
    if search.without:
        found = found.alias(unit=_UNIT).exclude(unit__in=list(search.without))
    if search.since is not None:
        found = found.filter(at__gte=search.since)
    if search.until is not None:
        found = found.filter(at__lt=search.until)
    if after is not None:
        found = found.filter(Q(at__lt=after.at) | Q(pk__lt=after.number), at__lte=after.at)
    return found.order_by("-at", "-pk")
