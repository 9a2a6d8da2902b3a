"""What happened to an initiative, in plain words, newest first; who sees names and notes is decided here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import prefetch_related_objects
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sangkien.initiatives.models import Event, EventPart, Initiative
from sangkien.initiatives.states import EventKind, ReasonCode
from sangkien.people.models import Person
from sangkien.units.models import Role, RoleGrant, Unit

BY_MEMBERS = frozenset({EventKind.SUBMITTED, EventKind.RESUBMITTED, EventKind.WITHDRAWN})

LOOKS: dict[EventKind, tuple[str, str]] = {
    EventKind.SUBMITTED: ("tl-wait", "flag"),
    EventKind.RETURNED: ("tl-fix", "back"),
    EventKind.RESUBMITTED: ("tl-fix", "pen"),
    EventKind.VALIDATED: ("tl-ok", "check"),
    EventKind.INVALIDATED: ("tl-no", "x"),
    EventKind.WITHDRAWN: ("tl-no", "x"),
    EventKind.REINSTATED: ("tl-wait", "back"),
    EventKind.CORRECTED: ("tl-fix", "pen"),
}
"""How a happening is drawn: class of the line and icon."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history. ``name`` and ``note`` are empty for those who may not read them."""

    kind: EventKind
    at: datetime
    role: str | Promise
    unit: Unit | None
    name: str
    reason: str | Promise
    note: str
    benefit_verified: int | None

    @property
    def title(self) -> str | Promise:
        """What happened."""
        return self.kind.label

    @property
    def look(self) -> str:
        """The class of the line."""
        return LOOKS[self.kind][0]

    @property
    def icon(self) -> str:
        """The icon of the line."""
        return LOOKS[self.kind][1]


def history_of(initiative: Initiative, *, names: bool, notes: bool) -> list[Step]:
    """Return the history; ``names`` for officers, ``notes`` for officers and the people whose initiative it is."""
    events = [event for event in initiative.events.all() if event.part != EventPart.OLD]
    actors = {event.actor_id: event.actor for event in events}
    prefetch_related_objects(list(actors.values()), "role_grants__unit")
    author_ids = {author.person_id for author in initiative.authors.all()}
    return [_step(initiative, event, actors[event.actor_id], author_ids, names, notes) for event in reversed(events)]


def _step(
    initiative: Initiative, event: Event, actor: Person, author_ids: set[int | None], names: bool, notes: bool
) -> Step:
    """Return one event as a line of the history."""
    kind = EventKind(event.kind)
    role, unit = _standing(initiative, event, actor, author_ids)
    return Step(
        kind=kind,
        at=event.at,
        role=role,
        unit=unit,
        name=actor.full_name if names and not actor.is_system else "",
        reason=ReasonCode(event.reason).label if event.reason else "",
        note=event.note if notes else "",
        benefit_verified=event.benefit_verified if kind == EventKind.VALIDATED and event.benefit_verified else None,
    )


def _standing(
    initiative: Initiative, event: Event, actor: Person, author_ids: set[int | None]
) -> tuple[str | Promise, Unit | None]:
    """Return as what somebody acted, and for which unit."""
    if actor.is_system:
        return _("Taken over with the history of the programme"), None
    if EventKind(event.kind) in BY_MEMBERS:
        role = _("Author") if actor.pk in author_ids else _("Entered on behalf of the authors")
        return role, initiative.unit
    return Role.VERIFIER.label, _nearest(
        (grant.unit for grant in actor.role_grants.all() if _in_force(grant, event.at)), event.unit_path
    )


def _in_force(grant: RoleGrant, at: datetime) -> bool:
    """Say whether a right to verify was in force at a moment."""
    return grant.role == Role.VERIFIER and grant.since <= at and (grant.until is None or at < grant.until)


def _nearest(units: Iterable[Unit], path: Sequence[int]) -> Unit | None:
    """Return the unit that stands furthest down on the path: whoever verifies for a district acts for the district."""
    return max((unit for unit in units if unit.pk in path), key=lambda unit: len(unit.path), default=None)
