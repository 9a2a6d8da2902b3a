"""Who is told what: plain functions from what happened to notices that are not written yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sangkien.audit.models import AuditEntry
from sangkien.initiatives.models import Author, Event, Initiative, Response
from sangkien.initiatives.states import EventKind
from sangkien.notices.models import Kind, Notice
from sangkien.notices.texts import PRINCIPAL
from sangkien.units.models import RoleGrant, UnitRequest

DECISIONS: dict[EventKind, Kind] = {
    EventKind.RETURNED: Kind.RETURNED,
    EventKind.VALIDATED: Kind.VALIDATED,
    EventKind.INVALIDATED: Kind.INVALIDATED,
    EventKind.REINSTATED: Kind.REINSTATED,
    EventKind.WITHDRAWN: Kind.WITHDRAWN,
}
SENDINGS = frozenset({EventKind.SUBMITTED, EventKind.RESUBMITTED})
ANSWERS = {"settle_unit_request": UnitRequest.State.SETTLED, "refuse_unit_request": UnitRequest.State.REFUSED}


def told_of_event(
    event: Event, initiative: Initiative, authors: Sequence[Author], appellant: int | None = None
) -> Iterator[Notice]:
    """Yield whom an event of an initiative is told: whoever entered it and the authors, never whoever did it.

    Only the receipt goes to whoever acted. Authors are told that they are named once, whenever that was; those who
    have declined hear no more of it. ``appellant`` is whose appeal the event allowed: they read of it in the answer.
    """
    kind = EventKind(event.kind)
    if event.is_historical:
        return
    if kind == EventKind.SUBMITTED:
        yield _of_event(event, initiative.submitter_id, Kind.RECEIPT)
    if kind in SENDINGS:
        for person in sorted(_people(authors) - {initiative.submitter_id, event.actor_id}):
            notice = _of_event(event, person, Kind.NAMED_AS_AUTHOR)
            notice.number, notice.outcome = 0, PRINCIPAL if person == _principal(authors) else ""
            yield notice
    if kind in DECISIONS:
        for person in sorted((_people(authors) | {initiative.submitter_id}) - {event.actor_id, appellant}):
            yield _of_event(event, person, DECISIONS[kind])


def invited_by_event(event: Event, authors: Iterable[Author]) -> list[str]:
    """Return the contacts to invite: of authors without an account, when an initiative is sent."""
    if event.is_historical or EventKind(event.kind) not in SENDINGS:
        return []
    return [a.contact for a in authors if a.contact and a.person_id is None and a.response != Response.DECLINED]


def told_of_answer(entry: AuditEntry, initiative: Initiative) -> Iterator[Notice]:
    """Yield whom it is told that an author has confirmed or declined: whoever entered the initiative."""
    if entry.actor_id != initiative.submitter_id:
        yield Notice(
            person_id=initiative.submitter_id,
            kind=Kind.AUTHORSHIP_ANSWERED,
            source=entry.pk,
            initiative=initiative.pk,
            outcome=Response(entry.details["response"]),
            at=entry.at,
        )


def told_of_unit_request(entry: AuditEntry, request: UnitRequest, grants: Iterable[RoleGrant]) -> Iterator[Notice]:
    """Yield whom a request for a unit is told: the officers nearest above, or, once it is answered, whoever asked."""
    if entry.action in ANSWERS:
        yield _of_entry(entry, request.person_id, Kind.UNIT_SETTLED, ANSWERS[entry.action])
    elif request.state == UnitRequest.State.WAITING:  # it may have been answered or taken back meanwhile
        others = (grant for grant in grants if grant.person_id != request.person_id)
        for person in sorted(nearest_officers(request.above.path, others)):
            yield _of_entry(entry, person, Kind.UNIT_REQUESTED)


def nearest_officers(path: Sequence[int], grants: Iterable[RoleGrant]) -> set[int]:
    """Return the people with a right over the lowest unit of ``path`` over which anybody has one."""
    over: dict[int, set[int]] = {}
    for grant in grants:
        over.setdefault(grant.unit_id, set()).add(grant.person_id)
    return next((over[unit] for unit in reversed(path) if unit in over), set())


def _people(authors: Iterable[Author]) -> set[int]:
    """Return the accounts of the authors who have not declined."""
    return {a.person_id for a in authors if a.person_id is not None and a.response != Response.DECLINED}


def _principal(authors: Iterable[Author]) -> int | None:
    """Return the account of the principal author, None if they have none."""
    return next((a.person_id for a in authors if a.number == 1), None)


def _of_event(event: Event, person: int, kind: Kind) -> Notice:
    return Notice(
        person_id=person,
        kind=kind,
        source=event.initiative_id,
        number=event.number,
        initiative=event.initiative_id,
        outcome=event.reason,
        at=event.at,
    )


def _of_entry(entry: AuditEntry, person: int, kind: Kind, outcome: str = "") -> Notice:
    return Notice(person_id=person, kind=kind, source=entry.pk, outcome=outcome, at=entry.at)
