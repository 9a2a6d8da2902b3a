"""Who is told of what stands in the record: appeals and what is overturned, roles, targets, reorganisations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sangkien.audit.models import AuditEntry
from sangkien.initiatives.models import Appeal, Author, Event, Initiative, SecondLook
from sangkien.notices.models import Kind, Notice
from sangkien.notices.rules import nearest_officers
from sangkien.programmes.models import Basis
from sangkien.units.models import Role, RoleGrant

ROLES = {"grant_role": Kind.ROLE_GRANTED, "end_grant": Kind.ROLE_ENDED}
REORGANISATIONS = frozenset({"move_unit", "merge_units", "undo_reorganisation"})


def told_of_appeal(
    entry: AuditEntry, appeal: Appeal, authors: Iterable[Author], grants: Iterable[RoleGrant], finding: Event
) -> Iterator[Notice]:
    """Yield whom an appeal is told: the nearest officers of the level asked; answered, who made it and who decided.

    Never whoever decided before, nor its own people, may answer it, so none of them is asked.
    """
    if entry.action == "appeal":
        own = {appeal.person_id, appeal.initiative.submitter_id, *(a.person_id for a in authors)}
        others = [g for g in verifying(grants) if g.person_id not in own | {finding.actor_id}]
        if appeal.state == Appeal.State.WAITING:  # it may have been taken back, or decided, meanwhile
            for person in sorted(nearest_officers(appeal.unit_path, others)):
                yield _of(entry, person, Kind.APPEAL_MADE, appeal.initiative_id)
    elif entry.action == "decide_appeal":
        state = Appeal.State(entry.details["state"])
        yield _of(entry, appeal.person_id, Kind.APPEAL_DECIDED, appeal.initiative_id, state)
        if state == Appeal.State.ALLOWED:
            yield _of(entry, finding.actor_id, Kind.OVERTURNED, appeal.initiative_id)
    else:
        raise ValueError(f"nobody is told of {entry.action}")


def told_of_second_look(entry: AuditEntry, initiative: Initiative, decided: Event) -> Iterator[Notice]:
    """Yield whom a second look is told: who decided first, if it was overturned. Its people hear of the event."""
    if entry.details["state"] == SecondLook.State.OVERTURNED:
        yield _of(entry, decided.actor_id, Kind.OVERTURNED, initiative.pk)


def told_of_role(entry: AuditEntry) -> Iterator[Notice]:
    """Yield whom a role is told: who was given it or had it taken away, unless they laid it down themselves."""
    person = int(entry.details["person"])
    if person != entry.actor_id:
        yield _of(entry, person, ROLES[entry.action])


def told_of_unit(entry: AuditEntry, grants: Sequence[RoleGrant]) -> Iterator[Notice]:
    """Yield whom something about a unit is told: officers of that very unit, never whoever did it.

    An assigned target goes to those who administer it, a reorganisation to all who hold a role over it.
    """
    own = [g for g in grants if g.unit_id == entry.unit_path[-1] and g.person_id != entry.actor_id]
    if entry.action == "target.set":
        is_assigned = entry.details["basis"] == Basis.ASSIGNED
        kind, told = Kind.TARGET_SET, [g for g in own if is_assigned and g.role == Role.UNIT_ADMINISTRATOR]
    elif entry.action in REORGANISATIONS:
        kind, told = Kind.REORGANISED, own
    else:
        raise ValueError(f"nobody is told of {entry.action}")
    for person in sorted({g.person_id for g in told}):
        yield _of(entry, person, kind)


def verifying(grants: Iterable[RoleGrant]) -> list[RoleGrant]:
    """Return the rights to verify among these."""
    return [g for g in grants if g.role == Role.VERIFIER]


def _of(entry: AuditEntry, person: int, kind: Kind, initiative: int | None = None, outcome: str = "") -> Notice:
    return Notice(
        person_id=person, kind=kind, source=entry.pk, initiative=initiative, outcome=str(outcome), at=entry.at
    )
