"""The queue a page at a time, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from sangkien.core import clock
from sangkien.core.errors import InvalidInput
from sangkien.initiatives.codes import code_of
from sangkien.initiatives.due import due_after
from sangkien.initiatives.models import Event, Flag, Initiative
from sangkien.initiatives.queue.filters import Filter, Order, Tab
from sangkien.initiatives.queue.heads import Heads, verified_by
from sangkien.initiatives.queue.statements import Statement
from sangkien.initiatives.states import EventKind
from sangkien.people.models import Person

MAX_PAGE = 100
BEGINS_TO_WAIT = (EventKind.SUBMITTED, EventKind.RESUBMITTED, EventKind.REINSTATED)
MAX_CURSOR = 36
_UNKNOWN_PLACE = _("This page of the list does not exist.")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# All but the long texts.
_COLUMNS = (
    *("title", "unit_path", "kind", "category", "benefit_claimed", "no_benefit_reason", "state", "submitted_at"),
    *("decided_at", "due_at", "flags", "submitter_id", "programme_id", "phase_id", "is_secret", "is_historical"),
    *("unit", "field"),
)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue. ``initiative`` comes with unit and field, without its long texts.

    ``seen`` is the number of its last event: what an action wants as ``expected_event``.
    """

    initiative: Initiative
    seen: int
    is_overdue: bool

    @property
    def code(self) -> str:
        """The public code."""
        return code_of(self.initiative.pk)

    @property
    def flags(self) -> list[Flag]:
        """What to look at before deciding."""
        return [flag for flag in Flag if self.initiative.flags & flag]


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some of the queue in order; ``next`` continues after the last (it may stand in an address), None at the end."""

    rows: Sequence[QueueRow]
    next: str | None
    now: datetime


def queue_page(
    person: Person, wanted: Filter, after: str | None = None, limit: int = 50, heads: Heads | None = None
) -> QueuePage:
    """Return what a verifier's queue holds, from where an earlier page ended; ``limit`` is at most 100.

    ``heads`` is what they verify of the filter's unit (``verified_by``), where that is known already. Empty for
    somebody who is no verifier. Raises InvalidInput for an ``after`` that no page has given. The number of queries does
    not depend on what is there.
    """
    limit = max(1, min(limit, MAX_PAGE))
    now = clock.now()
    statement = Statement(person, wanted, heads or verified_by(person, now, wanted.unit), now)
    if after is not None:
        statement.begin_after(*_read_cursor(after, wanted))
    found = _ask(statement, limit + 1)
    shown = found[:limit]
    numbers = [number for number, _key in shown]
    initiatives = Initiative.objects.filter(pk__in=numbers).select_related("unit", "field").only(*_COLUMNS)
    by_number = {one.pk: one for one in initiatives}
    seen = last_events(numbers)
    rows = [
        QueueRow(one, seen.get(one.pk, 0), is_overdue=one.due_at is not None and one.due_at <= now)
        for one in (by_number[number] for number in numbers if number in by_number)
    ]
    return QueuePage(rows, _cursor(*shown[-1]) if len(found) > limit else None, now)


def next_after(person: Person, wanted: Filter, initiative_id: int) -> int | None:
    """Return the number of the initiative after this one in the queue, None at the end.

    It also works once this one has been decided: it is then the one after the place where it stood.
    """
    now = clock.now()
    statement = Statement(person, wanted, verified_by(person, now, wanted.unit), now)
    place = _place(person, wanted, initiative_id)
    if place is not None:
        statement.begin_after(place[0], initiative_id)
    found = [number for number, _key in _ask(statement, 2) if number != initiative_id]
    return found[0] if found else None


def matching(person: Person, wanted: Filter, limit: int) -> list[int]:
    """Return the numbers of at most ``limit`` initiatives that match, in order."""
    now = clock.now()
    return [n for n, _key in _ask(Statement(person, wanted, verified_by(person, now, wanted.unit), now), limit)]


def last_events(numbers: Sequence[int], before: datetime | None = None) -> dict[int, int]:
    """Return the number of the last event of each initiative, of those before a moment if one is given."""
    events = Event.objects.filter(initiative_id__in=numbers)
    if before is not None:
        events = events.filter(at__lt=before)
    return dict(events.values_list("initiative_id").annotate(last=Max("number")).order_by())


def _ask(statement: Statement, limit: int) -> list[tuple[int, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.first(limit), statement.values)
        rows: list[tuple[int, Any]] = cursor.fetchall()
    return rows


def _place(person: Person, wanted: Filter, number: int) -> tuple[Any] | None:
    """Return by what an initiative stands, or stood, in this order; None where that cannot be told."""
    one = Initiative.objects.select_related("programme").filter(pk=number).first()
    if one is None:
        return None
    if wanted.tab is Tab.DONE:
        mine = Event.objects.filter(initiative=one, actor=person, kind__in=(EventKind.VALIDATED, EventKind.INVALIDATED))
        decided = mine.aggregate(last=Max("at"))["last"]
        return None if decided is None else (decided,)
    if wanted.order is Order.BENEFIT:
        return (one.benefit_claimed,)
    if wanted.tab is Tab.RETURNED:
        returned = one.events.filter(kind=EventKind.RETURNED).aggregate(last=Max("at"))["last"]
        return None if returned is None else (returned,)
    if wanted.order is Order.OLDEST:
        return (one.submitted_at,)
    if one.due_at is not None:
        return (one.due_at,)
    began = one.events.filter(kind__in=BEGINS_TO_WAIT).aggregate(last=Max("at"))["last"]
    return None if began is None else (due_after(one.programme, began),)


def _cursor(number: int, key: datetime | int | None) -> str:
    """Return a place in the order as text: the key (microseconds since 1970 for a moment) and the number."""
    if isinstance(key, datetime):
        return f"{(key - _EPOCH) // _MICROSECOND}-{number}"
    return f"{'' if key is None else key}-{number}"


def _read_cursor(text: str, wanted: Filter) -> tuple[Any, int]:
    """Read a place in the order. Raises InvalidInput."""
    key, _dash, number = text.partition("-")
    if not (number.isdecimal() and (key == "" or key.isdecimal()) and len(text) <= MAX_CURSOR and text.isascii()):
        raise InvalidInput(_UNKNOWN_PLACE, code="unknown_place")
    is_benefit = wanted.order is Order.BENEFIT and wanted.tab is not Tab.DONE
    if is_benefit:
        return (int(key) if key else None), int(number)
    try:
        return _EPOCH + int(key or 0) * _MICROSECOND, int(number)
    except OverflowError:  # a moment that no calendar has
        raise InvalidInput(_UNKNOWN_PLACE, code="unknown_place") from None
