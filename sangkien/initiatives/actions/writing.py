"""What the actions share: lock, take a step of the transition table, write its event and tell the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from sangkien.audit.refusals import Aim
from sangkien.core import outbox
from sangkien.core.errors import Conflict, InvalidInput, Message, NotFound
from sangkien.core.moments import event_moment
from sangkien.initiatives import rules
from sangkien.initiatives.deltas import Deltas, deltas_of, standing_of
from sangkien.initiatives.due import due_after
from sangkien.initiatives.inputs import clean_text
from sangkien.initiatives.models import Appeal, Event, EventPart, Initiative, SecondLook
from sangkien.initiatives.states import TRANSITIONS, EventKind, State, Transition
from sangkien.people.models import Person

MAX_NOTE = 2_000
AUTHOR_OBJECTS = _(
    "The principal author objects to this initiative: it cannot be found valid. Return it, or find it invalid."
)
TELL_THE_AUTHOR = _("Tell the author why, in a sentence.")


def locked(initiative_id: int) -> tuple[Initiative, datetime]:
    """Lock an initiative and then take the moment, so that its events are in the order of their moments."""
    initiative = (
        Initiative.objects.select_for_update(of=("self",))
        .select_related("unit", "programme", "phase")
        .filter(pk=initiative_id)
        .first()
    )
    if initiative is None:
        raise NotFound(code="unknown_initiative")
    return initiative, event_moment()


def aim(given: Mapping[str, Any]) -> Aim | None:
    """Return what a refused decision was aimed at: the initiative, where it counts."""
    path = Initiative.objects.filter(pk=given["initiative_id"]).values_list("unit_path", flat=True).first()
    return None if path is None else Aim("initiative", str(given["initiative_id"]), path)


def required_note(note: str, when_missing: Message = TELL_THE_AUTHOR) -> str:
    """Return the sentence in writing. Raises InvalidInput when it is missing or too long."""
    note = clean_note(note)
    if not note:
        raise InvalidInput(when_missing, code="note_required", field="note")
    return note


def clean_note(note: str) -> str:
    """Return a note as it is stored. Raises InvalidInput when it is too long."""
    return clean_text(note, "note", MAX_NOTE, in_lines=True)


def next_step(initiative: Initiative, kind: EventKind) -> Transition:
    """Return the step of the transition table. Raises Conflict when there is none from where the initiative stands."""
    step = TRANSITIONS.get((State(initiative.state), kind))
    if step is None:
        raise wrong_state(initiative)
    return step


def wrong_state(initiative: Initiative) -> Conflict:
    """Return the refusal of what cannot be done from where the initiative stands."""
    return Conflict(
        _("This cannot be done now: it is “%(state)s”.") % {"state": State(initiative.state).label}, code="wrong_state"
    )


def refuse_objected(initiative: Initiative) -> None:
    """Raise Conflict ``author_objects`` while the principal author declines: it cannot be found valid."""
    if rules.is_objected(initiative):
        raise Conflict(AUTHOR_OBJECTS, code="author_objects")


def lapse(initiative: Initiative) -> None:
    """End the second looks and appeals that wait: what they were about no longer stands."""
    initiative.second_looks.filter(state=SecondLook.State.WAITING).update(state=SecondLook.State.LAPSED)
    initiative.appeals.filter(state=Appeal.State.WAITING).update(state=Appeal.State.LAPSED)


def take_step(
    initiative: Initiative,
    kind: EventKind,
    *,
    actor: Person,
    at: datetime,
    reason: str = "",
    note: str = "",
    claimed: int | None = None,
    claimed_before: int | None = None,
    verified: int | None = None,
    verified_before: int | None = None,
    due_at: datetime | None = None,
) -> int:
    """Take one step of the transition table: save the new state, its event and its outbox rows.

    What waits for an officer from now on is due at ``due_at``, or else by the programme's terms. Returns the number of
    the event.
    """
    step = next_step(initiative, kind)
    if initiative.state in rules.DECIDED:
        lapse(initiative)
    initiative.state = step.target
    initiative.decided_at = at if step.target in (State.VALID, State.INVALID, State.RETURNED) else None
    initiative.due_at = (due_at or due_after(initiative.programme, at)) if step.target == State.SUBMITTED else None
    initiative.save()
    deltas = deltas_of(
        step, claimed=claimed, claimed_before=claimed_before, verified=verified, verified_before=verified_before
    )
    number = _next_number(initiative)
    _write(initiative, [_event(initiative, number, kind, actor, at, deltas, reason=reason, note=note)], at)
    return number


def first_step(initiative: Initiative, actor: Person, at: datetime) -> Event:
    """Take the first step of an initiative that is not in the database yet; return its event, not written either."""
    step = next_step(initiative, EventKind.SUBMITTED)
    initiative.state = step.target
    deltas = deltas_of(step, claimed=initiative.benefit_claimed)
    return _event(initiative, 1, EventKind.SUBMITTED, actor, at, deltas)


def decision_event(
    initiative: Initiative,
    number: int,
    kind: EventKind,
    *,
    actor: Person,
    at: datetime,
    verified: int | None = None,
    reason: str = "",
    note: str = "",
) -> Event:
    """Take an officer's decision on what waits, for whoever writes many: change the initiative, return its event.

    Neither is written.
    """
    step = next_step(initiative, kind)
    initiative.state, initiative.decided_at, initiative.due_at = step.target, at, None
    deltas = deltas_of(step, verified=verified)
    return _event(initiative, number, kind, actor, at, deltas, reason=reason, note=note)


def last_number(initiative: Initiative) -> int:
    """Return the number of the initiative's newest event, 0 before the first."""
    return initiative.events.order_by("-number").values_list("number", flat=True).first() or 0


def _next_number(initiative: Initiative) -> int:
    """Return the number of the initiative's next event. The initiative is locked, so nobody else takes it."""
    return last_number(initiative) + 1


def _event(
    initiative: Initiative,
    number: int,
    kind: EventKind,
    actor: Person,
    at: datetime,
    deltas: Deltas,
    part: EventPart = EventPart.WHOLE,
    reason: str = "",
    note: str = "",
) -> Event:
    """Return an event that counts where the initiative now counts; not yet written."""
    path = initiative.unit_path
    assert initiative.submitted_at is not None  # the database holds that what is not a draft has both
    assert initiative.phase_id is not None
    return Event(
        initiative=initiative,
        number=number,
        part=part,
        kind=kind,
        at=at,
        submitted_at=initiative.submitted_at,
        actor=actor,
        programme_id=initiative.programme_id,
        phase_id=initiative.phase_id,
        category=initiative.category,
        field_id=initiative.field_id,
        initiative_kind=initiative.kind,
        unit_path=path,
        union_id=path[1] if len(path) > 1 else None,
        reason=reason,
        note=note,
        **{f.name: getattr(deltas, f.name) for f in fields(deltas)},
    )


def taken_away(initiative: Initiative, kind: EventKind, actor: Person, at: datetime, note: str = "") -> Event:
    """Return the first part of an event in two: it takes away all that the initiative counts for. Not yet written."""
    deltas = standing_of(initiative).negated()
    return _event(initiative, _next_number(initiative), kind, actor, at, deltas, EventPart.OLD, note=note)


def write_in_two_parts(initiative: Initiative, old: Event) -> int:
    """Save the initiative and write its event: ``old``, and what adds all that it counts for now.

    Returns the number of the second part.
    """
    initiative.save()
    standing = standing_of(initiative)
    kind = EventKind(old.kind)
    new = _event(initiative, old.number + 1, kind, old.actor, old.at, standing, EventPart.NEW, note=old.note)
    _write(initiative, [old, new], old.at)
    return new.number


def _write(initiative: Initiative, events: list[Event], at: datetime) -> None:
    """Append events and tell the outbox."""
    Event.objects.bulk_create(events)
    outbox.publish(at, [(initiative.pk, event.number) for event in events])
