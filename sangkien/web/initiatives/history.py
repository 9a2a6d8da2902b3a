"""What happened to an initiative, in plain words, newest first; who sees names and notes is decided here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import prefetch_related_objects
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sangkien.initiatives.models import Appeal, Event, EventPart, Initiative, SecondLook
from sangkien.initiatives.reviews import appeals_of, looks_of
from sangkien.initiatives.rules import UNDOABLE
from sangkien.initiatives.states import EventKind, ReasonCode
from sangkien.people.models import Person
from sangkien.units.models import Role, RoleGrant, Unit

BY_MEMBERS = frozenset({EventKind.SUBMITTED, EventKind.RESUBMITTED, EventKind.WITHDRAWN})


class Review(models.TextChoices):
    """What happened beside the events: appeals and second looks."""

    APPEALED = "appealed", _("Appeal to the level above")
    TAKEN_BACK = "taken_back", _("Appeal taken back")
    DISMISSED = "dismissed", _("Appeal dismissed")
    ALLOWED = "allowed", _("Appeal allowed: verified as valid")
    CONFIRMED = "confirmed", _("Confirmed at a second look")
    OVERTURNED = "overturned", _("Found invalid at a second look")


ENDS: dict[str, Review] = {
    Appeal.State.WITHDRAWN: Review.TAKEN_BACK,
    Appeal.State.DISMISSED: Review.DISMISSED,
    Appeal.State.ALLOWED: Review.ALLOWED,
    SecondLook.State.CONFIRMED: Review.CONFIRMED,
    SecondLook.State.OVERTURNED: Review.OVERTURNED,
}
"""How an appeal or a second look ended. Two of them made an event, of which they are the meaning."""
LOOKS: dict[EventKind | Review, tuple[str, str]] = {
    EventKind.SUBMITTED: ("tl-wait", "flag"),
    EventKind.RETURNED: ("tl-fix", "back"),
    EventKind.RESUBMITTED: ("tl-fix", "pen"),
    EventKind.VALIDATED: ("tl-ok", "check"),
    EventKind.INVALIDATED: ("tl-no", "x"),
    EventKind.WITHDRAWN: ("tl-no", "x"),
    EventKind.REINSTATED: ("tl-wait", "back"),
    EventKind.CORRECTED: ("tl-fix", "pen"),
    Review.APPEALED: ("tl-wait", "flag"),
    Review.TAKEN_BACK: ("tl-wait", "back"),
    Review.DISMISSED: ("tl-no", "x"),
    Review.ALLOWED: ("tl-ok", "check"),
    Review.CONFIRMED: ("tl-ok", "check"),
    Review.OVERTURNED: ("tl-no", "x"),
}
"""How a happening is drawn: class of the line and icon."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history. ``name`` and ``note`` are empty for those who may not read them."""

    kind: EventKind | Review
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
    """Return the history; ``names`` for officers, ``notes`` for officers and the people whose initiative it is.

    Appeals and second looks go with the notes: of what was found valid in the end the public reads no more than that.
    Nor does it read of a slip: of a decision that was undone at once.
    """
    events = [event for event in initiative.events.all() if event.part != EventPart.OLD]
    if not (names or notes):
        events = _without_undone(events)
    reviews: list[Appeal | SecondLook] = [*appeals_of(initiative), *looks_of(initiative)] if notes else []
    deciding = [one.decided_by for one in reviews if one.decided_by is not None]
    actors = {actor.pk: actor for actor in (*deciding, *(event.actor for event in events))}
    prefetch_related_objects(list(actors.values()), "role_grants__unit")
    author_ids = {author.person_id for author in initiative.authors.all()}
    meant = {one.decided_at: ENDS[one.state] for one in reviews if one.state in ENDS}
    steps = [
        _step(initiative, event, actors[event.actor_id], author_ids, names, notes, meant.get(event.at))
        for event in events
    ]
    beside = _beside(initiative, reviews, actors, author_ids, names, {event.at for event in events})
    return sorted([*steps, *beside], key=lambda step: step.at)[::-1]


def _without_undone(events: Iterable[Event]) -> list[Event]:
    """Return the events without decisions that were undone at once and without their undoing.

    Undoing takes no note; whoever takes a decision back later says why, and both remain.
    """
    kept: list[Event] = []
    for event in sorted(events, key=lambda event: event.number):
        if kept and event.kind == EventKind.REINSTATED and not event.note and kept[-1].kind in UNDOABLE:
            kept.pop()
        else:
            kept.append(event)
    return kept


def _beside(
    initiative: Initiative,
    reviews: Sequence[Appeal | SecondLook],
    actors: dict[int, Person],
    author_ids: set[int | None],
    names: bool,
    told: set[datetime],
) -> Iterator[Step]:
    """Yield the lines of appeals and second looks that no event tells: ``told`` are the moments of events."""
    for one in reviews:
        if isinstance(one, Appeal):
            yield _member_step(Review.APPEALED, one.made_at, one, initiative, author_ids, names, one.note)
        if one.state not in ENDS or one.decided_at is None or one.decided_by_id is None or one.decided_at in told:
            continue
        if isinstance(one, Appeal) and one.state == Appeal.State.WITHDRAWN:
            yield _member_step(Review.TAKEN_BACK, one.decided_at, one, initiative, author_ids, names, "")
            continue
        actor = actors[one.decided_by_id]
        yield Step(
            kind=ENDS[one.state],
            at=one.decided_at,
            role=Role.VERIFIER.label,
            unit=_acting_unit(actor, one.decided_at, one.unit_path),
            name=actor.full_name if names else "",
            reason="",
            note=one.answer if isinstance(one, Appeal) else one.note,
            benefit_verified=None,
        )


def _member_step(
    kind: Review,
    at: datetime,
    made: Appeal,
    initiative: Initiative,
    author_ids: set[int | None],
    names: bool,
    note: str,
) -> Step:
    """Return what one of its people did as a line of the history."""
    role = _own_role(made.person_id, author_ids)
    return Step(kind, at, role, initiative.unit, made.person.full_name if names else "", "", note, None)


def _step(
    initiative: Initiative,
    event: Event,
    actor: Person,
    author_ids: set[int | None],
    names: bool,
    notes: bool,
    meant: Review | None,
) -> Step:
    """Return one event as a line of the history; ``meant`` is how an appeal or a second look ended with it."""
    kind = EventKind(event.kind)
    role, unit = _standing(initiative, event, actor, author_ids)
    return Step(
        kind=meant or kind,
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
        return _own_role(actor.pk, author_ids), initiative.unit
    return Role.VERIFIER.label, _acting_unit(actor, event.at, event.unit_path)


def _own_role(person_id: int, author_ids: set[int | None]) -> str | Promise:
    """Return as what one of its people acted."""
    return _("Author") if person_id in author_ids else _("Entered on behalf of the authors")


def _acting_unit(actor: Person, at: datetime, path: Sequence[int]) -> Unit | None:
    """Return for which unit an officer acted at a moment."""
    return _nearest((grant.unit for grant in actor.role_grants.all() if _in_force(grant, at)), path)


def _in_force(grant: RoleGrant, at: datetime) -> bool:
    """Say whether a right to verify was in force at a moment."""
    return grant.role == Role.VERIFIER and grant.since <= at and (grant.until is None or at < grant.until)


def _nearest(units: Iterable[Unit], path: Sequence[int]) -> Unit | None:
    """Return the unit that stands furthest down on the path: whoever verifies for a district acts for the district."""
    return max((unit for unit in units if unit.pk in path), key=lambda unit: len(unit.path), default=None)
