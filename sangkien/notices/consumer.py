"""Taking from the outbox: what has happened becomes notices and messages, once each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Q

from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.core.models import OutboxAside
from sangkien.core.moments import horizon
from sangkien.initiatives.models import Appeal, Author, Event, Initiative
from sangkien.notices import recorded, rules
from sangkien.notices.models import Notice
from sangkien.notices.writing import write_invitations, write_notices
from sangkien.units.models import RoleGrant, UnitRequest
from sangkien.units.rules import SETTLING_ROLES

EVENTS, RECORD = "notices", "notices-record"
SECOND_LOOK = "decide_second_look"
BATCH = 500
"""About how many rows one take handles; those of one moment are never parted."""
ONE_TAKER = (0x4E4F5449, 1)
"""The advisory lock of whoever takes (in the space of two-part keys, which nobody else uses)."""

# Where a take ends: for whichever consumer has the fuller outbox, the first moment after the last row that it takes.
_BATCH_END = """
SELECT min(later.at)
  FROM unnest(%(consumers)s::text[]) AS of_one(consumer), LATERAL (
       SELECT min(o.at) AS at FROM core_outbox o
        WHERE o.consumer = of_one.consumer AND o.at < %(until)s
          AND o.at > (SELECT at FROM core_outbox
                       WHERE consumer = of_one.consumer AND at < %(until)s ORDER BY at OFFSET %(batch)s - 1 LIMIT 1)
       ) later
"""
_TAKE = """
DELETE FROM core_outbox WHERE consumer = ANY(%(consumers)s) AND at < %(until)s RETURNING consumer, at, subject, number
"""


class Row(NamedTuple):
    """A row of the outbox."""

    consumer: str
    at: datetime
    subject: int
    number: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What one take did. ``aside`` should be none; ``more`` says that there is more to take at once."""

    rows: int
    notices: int
    invitations: int
    aside: int
    more: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """All that the rows of one take are about, read in a fixed number of queries.

    ``events`` are those that the rows name, and the decisions that appeals and second looks are about.
    """

    events: dict[tuple[int, int], Event]
    initiatives: dict[int, Initiative]
    authors: dict[int, list[Author]]
    entries: dict[int, AuditEntry]
    appeals: dict[int, Appeal]
    requests: dict[int, UnitRequest]
    grants: list[RoleGrant]


@transaction.atomic
def take(limit: int = BATCH) -> Taken:
    """Take what the outbox holds up to the horizon, in order, and write whom it is told. One take at a time.

    Should anything go wrong, the rows are where they were. One that names what does not exist, or cannot be made sense
    of, is set aside.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", ONE_TAKER)
        consumers, until = [EVENTS, RECORD], horizon()
        cursor.execute(_BATCH_END, {"consumers": consumers, "until": until, "batch": limit})
        batch_end: datetime | None = cursor.fetchone()[0]
        cursor.execute(_TAKE, {"consumers": consumers, "until": batch_end or until})
        rows = sorted((Row(*row) for row in cursor.fetchall()), key=lambda row: row[1:])
    if not rows:
        return Taken(0, 0, 0, 0, more=False)
    happened = _read(rows)
    notices: list[Notice] = []
    invitations: list[tuple[str, int]] = []
    aside: list[OutboxAside] = []
    for row in rows:
        try:
            notices += _told(row, happened)
            invitations += _invited(row, happened)
        except (LookupError, ValueError) as error:
            aside.append(OutboxAside(**row._asdict(), reason=f"cannot be told to anybody: {error!r}"))
    OutboxAside.objects.bulk_create(aside)
    return Taken(
        rows=len(rows),
        notices=write_notices(notices),
        invitations=write_invitations(invitations),
        aside=len(aside),
        more=batch_end is not None,
    )


def take_all() -> None:
    """Take until nothing is left up to the horizon."""
    while take().more:
        pass


def _read(rows: Iterable[Row]) -> Happened:
    """Read what the rows are about."""
    entries = AuditEntry.objects.in_bulk([row.subject for row in rows if row.consumer == RECORD])
    appeals = Appeal.objects.select_related("initiative").in_bulk(list(_subjects(entries.values(), "appeal")))
    keys = {(row.subject, row.number) for row in rows if row.consumer == EVENTS}
    keys |= {(appeal.initiative_id, appeal.number) for appeal in appeals.values()}
    keys |= {(int(e.subject), int(e.details["number"])) for e in entries.values() if e.action == SECOND_LOOK}
    events = {e.pk: e for e in Event.objects.filter(pk__in=sorted(keys))} if keys else {}
    numbers = {number for number, _event in keys} | set(_subjects(entries.values(), "initiative"))
    authors: defaultdict[int, list[Author]] = defaultdict(list)
    for author in Author.objects.filter(initiative_id__in=numbers):
        authors[author.initiative_id].append(author)
    requests = {
        r.pk: r
        for r in UnitRequest.objects.filter(pk__in=set(_subjects(entries.values(), "unit_request"))).select_related(
            "above"
        )
    }
    return Happened(
        events=events,
        initiatives=Initiative.objects.in_bulk(numbers),
        authors=authors,
        entries=entries,
        appeals=appeals,
        requests=requests,
        grants=_officers(
            {unit for request in requests.values() for unit in request.above.path}
            | {unit for appeal in appeals.values() for unit in appeal.unit_path}
            | {entry.unit_path[-1] for entry in entries.values() if entry.subject_kind == "unit"}
        ),
    )


def _subjects(entries: Iterable[AuditEntry], kind: str) -> Iterator[int]:
    """Yield the numbers of the things of one kind that entries of the record are about."""
    return (int(e.subject) for e in entries if e.subject_kind == kind and e.subject.isdecimal())


def _officers(units: set[int]) -> list[RoleGrant]:
    """Return the rights in force now over these units."""
    if not units:
        return []
    now = clock.now()
    rows = RoleGrant.objects.filter(unit_id__in=units, person__is_active=True, since__lte=now)
    return list(rows.filter(Q(until__isnull=True) | Q(until__gt=now)))


def _told(row: Row, happened: Happened) -> list[Notice]:
    """Return the notices of one row. Raises LookupError and ValueError for a row that cannot be processed."""
    if row.consumer == EVENTS:
        event = happened.events[row.subject, row.number]
        authors = happened.authors.get(row.subject, [])
        return list(rules.told_of_event(event, happened.initiatives[row.subject], authors, _appellant(event, happened)))
    return list(_told_of_entry(happened.entries[row.subject], happened))


def _appellant(event: Event, happened: Happened) -> int | None:
    """Return whose appeal an event allowed, None if it allowed none.

    Both are of one moment, whose rows are never parted, so that the appeal is among what was read.
    """
    allowed = (appeal for appeal in happened.appeals.values() if appeal.state == Appeal.State.ALLOWED)
    of_event = (a for a in allowed if (a.initiative_id, a.decided_at) == (event.initiative_id, event.at))
    return next((appeal.person_id for appeal in of_event), None)


def _told_of_entry(entry: AuditEntry, happened: Happened) -> Iterable[Notice]:
    """Return the notices of an entry of the record. Raises LookupError and ValueError as ``_told`` does."""
    if entry.action == SECOND_LOOK:
        number = int(entry.subject)
        decided = happened.events[number, int(entry.details["number"])]
        return recorded.told_of_second_look(entry, happened.initiatives[number], decided)
    if entry.subject_kind == "initiative":
        return rules.told_of_answer(entry, happened.initiatives[int(entry.subject)])
    if entry.subject_kind == "appeal":
        appeal = happened.appeals[int(entry.subject)]
        finding = happened.events[appeal.initiative_id, appeal.number]
        authors = happened.authors.get(appeal.initiative_id, [])
        return recorded.told_of_appeal(entry, appeal, authors, happened.grants, finding)
    if entry.subject_kind == "unit_request":
        settling = [grant for grant in happened.grants if grant.role in SETTLING_ROLES]
        return rules.told_of_unit_request(entry, happened.requests[int(entry.subject)], settling)
    if entry.subject_kind == "role_grant":
        return recorded.told_of_role(entry)
    if entry.subject_kind == "unit":
        return recorded.told_of_unit(entry, happened.grants)
    raise ValueError(f"nobody is told of {entry.action}")


def _invited(row: Row, happened: Happened) -> list[tuple[str, int]]:
    """Return the contacts that one row invites, each with the number of the initiative."""
    if row.consumer != EVENTS:
        return []
    event = happened.events[row.subject, row.number]
    contacts = rules.invited_by_event(event, happened.authors.get(row.subject, []))
    return [(contact, row.subject) for contact in contacts]
