"""What people do with initiatives. Each action is one short transaction: lock, check again, change, write the event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.core import outbox
from sangkien.core.clock import day_of
from sangkien.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from sangkien.core.moments import event_moment
from sangkien.initiatives import rules
from sangkien.initiatives.inputs import (
    AuthorInput,
    InitiativeContent,
    check_benefit,
    clean_authors,
    clean_content,
    clean_text,
)
from sangkien.initiatives.models import Author, Event, EventPart, Initiative
from sangkien.initiatives.states import TRANSITIONS, Benefit, EventKind, ReasonCode, State, Transition
from sangkien.people.categories import Category
from sangkien.people.models import Person
from sangkien.programmes.models import Phase, Programme
from sangkien.programmes.queries import open_phase
from sangkien.units.models import Unit
from sangkien.units.queries import is_open_on
from sangkien.units.rules import verifies_in

MAX_NOTE = 2_000


# --- drafts and submission ---------------------------------------------------------------------------------------


@transaction.atomic
def create_draft(
    *, actor: Person, programme: Programme, content: InitiativeContent, authors: Sequence[AuthorInput], unit: Unit
) -> Initiative:
    """Keep an initiative as a draft of ``actor``. Raises NotAllowed and InvalidInput."""
    if not rules.may_submit(actor):
        raise NotAllowed
    content, authors = clean_content(content), clean_authors(authors)
    initiative = Initiative(
        programme=programme,
        unit=unit,
        unit_path=unit.path,
        category=authors[0].category,
        state=State.DRAFT,
        created_at=event_moment(),
        submitter=actor,
        **_content_fields(content),
    )
    initiative.save(force_insert=True)
    Author.objects.bulk_create(
        Author(
            initiative=initiative,
            number=number,
            name=a.name,
            unit=a.unit or (unit if number == 1 else None),
            workplace=a.workplace,
            category=a.category,
            title=a.title,
            share=a.share,
            person_id=a.person_id,
        )
        for number, a in enumerate(authors, start=1)
    )
    return initiative


@transaction.atomic
def submit_draft(*, actor: Person, initiative_id: int) -> Initiative:
    """Submit a draft into the phase that is open now. Raises NotAllowed, NotFound, InvalidInput and Conflict."""
    initiative, at = _locked(initiative_id)
    if not rules.is_submitter(actor, initiative):
        raise NotAllowed
    phase = _phase_for(initiative, at)
    initiative.unit_path = initiative.unit.path  # the tree as it stands now is the one it counts under
    initiative.phase, initiative.submitted_at = phase, at
    _step(initiative, EventKind.SUBMITTED, actor=actor, at=at, claimed=initiative.benefit_claimed)
    return initiative


@transaction.atomic
def submit_new(
    *, actor: Person, programme: Programme, content: InitiativeContent, authors: Sequence[AuthorInput], unit: Unit
) -> Initiative:
    """Make an initiative and submit it in one go: both happen or neither does."""
    draft = create_draft(actor=actor, programme=programme, content=content, authors=authors, unit=unit)
    return submit_draft(actor=actor, initiative_id=draft.pk)


@transaction.atomic
def resubmit(*, actor: Person, initiative_id: int, content: InitiativeContent | None = None) -> Initiative:
    """Send a returned initiative again, corrected. Raises NotAllowed, NotFound, InvalidInput and Conflict."""
    initiative, at = _locked(initiative_id)
    if not rules.may_resubmit(actor, initiative):
        raise NotAllowed
    step = _next_step(initiative, EventKind.RESUBMITTED)  # before the window, because a draft has no phase yet
    claimed_before, place_before = initiative.benefit_claimed, (initiative.field_id, initiative.kind)
    old = _taken_away(initiative, EventKind.RESUBMITTED, actor, at)
    if content is not None:
        for name, value in _content_fields(clean_content(content)).items():
            setattr(initiative, name, value)
    _check_window(initiative)
    if (initiative.field_id, initiative.kind) != place_before:  # all that it counts for moves with it
        initiative.state, initiative.decided_at = step.target, None
        _write_in_two_parts(initiative, old)
        return initiative
    _step(
        initiative,
        EventKind.RESUBMITTED,
        actor=actor,
        at=at,
        claimed=initiative.benefit_claimed,
        claimed_before=claimed_before,
    )
    return initiative


# --- verification ------------------------------------------------------------------------------------------------


@transaction.atomic
def mark_valid(
    *,
    actor: Person,
    initiative_id: int,
    benefit_verified: int | None = None,
    note: str = "",
    expected_state: State | None = None,
) -> Initiative:
    """Find a submitted initiative valid, with the benefit that the officer could verify (đồng of the first year)."""
    check_benefit(benefit_verified, "benefit_verified")
    initiative, at = _to_decide(actor, initiative_id, expected_state)
    initiative.benefit_verified = benefit_verified
    _step(initiative, EventKind.VALIDATED, actor=actor, at=at, verified=benefit_verified, note=_clean_note(note))
    return initiative


@transaction.atomic
def return_initiative(
    *, actor: Person, initiative_id: int, reason: ReasonCode, note: str, expected_state: State | None = None
) -> Initiative:
    """Return a submitted initiative for completion; ``note`` tells the author what is missing."""
    initiative, at = _to_decide(actor, initiative_id, expected_state)
    _step(initiative, EventKind.RETURNED, actor=actor, at=at, reason=reason, note=_required_note(note))
    return initiative


@transaction.atomic
def mark_invalid(
    *, actor: Person, initiative_id: int, reason: ReasonCode, note: str, expected_state: State | None = None
) -> Initiative:
    """Find an initiative invalid, with a reason code and a sentence in writing (Điều lệ Sáng kiến, article 7)."""
    initiative, at = _to_decide(actor, initiative_id, expected_state)
    verified_before = initiative.benefit_verified
    initiative.benefit_verified = None
    _step(
        initiative,
        EventKind.INVALIDATED,
        actor=actor,
        at=at,
        reason=reason,
        note=_required_note(note),
        verified_before=verified_before,
    )
    return initiative


@transaction.atomic
def reinstate(*, actor: Person, initiative_id: int, note: str, expected_state: State | None = None) -> Initiative:
    """Take back the finding that an initiative is invalid: it waits for a decision again."""
    initiative, at = _to_decide(actor, initiative_id, expected_state)
    _step(initiative, EventKind.REINSTATED, actor=actor, at=at, note=_required_note(note))
    return initiative


@transaction.atomic
def withdraw(*, actor: Person, initiative_id: int, note: str = "") -> Initiative:
    """Withdraw an initiative that has not been decided. Raises NotAllowed, NotFound and Conflict."""
    initiative, at = _locked(initiative_id)
    if not rules.may_withdraw(actor, initiative):
        raise NotAllowed
    _step(initiative, EventKind.WITHDRAWN, actor=actor, at=at, note=_clean_note(note))
    return initiative


@transaction.atomic
def correct(
    *,
    actor: Person,
    initiative_id: int,
    note: str,
    unit: Unit | None = None,
    category: Category | None = None,
    benefit_claimed: int | None = None,
) -> Initiative:
    """Put right the unit, the category or the claimed benefit of a submitted initiative.

    One event in two parts: everything that it counts for is taken from the old place and added to the new one. The
    actor must be a verifier over both places.
    """
    check_benefit(benefit_claimed, "benefit_claimed")
    note = _required_note(note)
    initiative, at = _locked(initiative_id)
    if initiative.state == State.DRAFT:
        raise Conflict(_("A draft is changed by its author, not corrected."), code="not_submitted")
    new_path = unit.path if unit else initiative.unit_path
    if not (rules.may_decide(actor, initiative, at) and verifies_in(actor, new_path, at)):
        raise NotAllowed
    old = _taken_away(initiative, EventKind.CORRECTED, actor, at, note)
    if unit:
        initiative.unit, initiative.unit_path = unit, unit.path
    initiative.category = category or initiative.category
    if benefit_claimed is not None:
        initiative.benefit_claimed = benefit_claimed
    _write_in_two_parts(initiative, old)
    return initiative


# --- what the actions share --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deltas:
    """What an event adds to the counts."""

    submitted: int = 0
    valid: int = 0
    invalid: int = 0
    returned: int = 0
    withdrawn: int = 0
    benefit_claimed: int = 0
    benefit_verified: int = 0

    def negated(self) -> Deltas:
        """Return the same, taken away."""
        return Deltas(*(-getattr(self, f.name) for f in fields(self)))


def benefit_change(how: Benefit, after: int | None, before: int | None) -> int:
    """Return what a step adds to a sum of benefit, given the value after and before it (đồng; None counts as nothing)."""
    if how is Benefit.SET:
        return (after or 0) - (before or 0)
    return -(before or 0) if how is Benefit.CLEAR else 0


def deltas_of(
    step: Transition,
    *,
    claimed: int | None = None,
    claimed_before: int | None = None,
    verified: int | None = None,
    verified_before: int | None = None,
) -> Deltas:
    """Return what a transition adds, given the benefits after and before it (đồng; None counts as nothing)."""

    return Deltas(
        submitted=step.submitted,
        valid=step.valid,
        invalid=step.invalid,
        returned=step.returned,
        withdrawn=step.withdrawn,
        benefit_claimed=benefit_change(step.claimed, claimed, claimed_before),
        benefit_verified=benefit_change(step.verified, verified, verified_before),
    )


def _content_fields(content: InitiativeContent) -> dict[str, object]:
    """Return the content as fields of the model."""
    return {f.name: getattr(content, f.name) for f in fields(content)}


def _locked(initiative_id: int) -> tuple[Initiative, datetime]:
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


def _to_decide(actor: Person, initiative_id: int, expected: State | None) -> tuple[Initiative, datetime]:
    """Lock an initiative for an officer's decision. Raises NotAllowed, and Conflict when somebody else came first."""
    initiative, at = _locked(initiative_id)
    if not rules.may_decide(actor, initiative, at):
        raise NotAllowed
    if expected is not None and initiative.state != expected:
        raise Conflict(
            _("Somebody has decided in the meantime: it is now “%(state)s”. Nothing was changed.")
            % {"state": State(initiative.state).label},
            code="decided_meanwhile",
        )
    return initiative, at


def _phase_for(initiative: Initiative, at: datetime) -> Phase:
    """Return the phase that is open at ``at`` and for which the initiative is eligible. Raises InvalidInput."""
    phase = open_phase(initiative.programme, at)
    if phase is None:
        raise InvalidInput(
            _("Submissions are closed at the moment: no phase of the programme is open."), code="phase_closed"
        )
    if not is_open_on(initiative.unit, day_of(at)):
        raise InvalidInput(_("This unit has closed; choose the one that followed it."), code="unit_closed", field="unit")
    initiative.phase = phase
    _check_window(initiative)
    return phase


def _check_window(initiative: Initiative) -> None:
    """Raise InvalidInput unless the initiative was first applied in the period that its phase counts."""
    phase = initiative.phase
    assert phase is not None
    if not phase.applied_from <= initiative.applied_on <= phase.applied_until:
        raise InvalidInput(
            _("It must have been first applied between %(first)s and %(last)s to count in this phase.")
            % {"first": phase.applied_from.strftime("%d/%m/%Y"), "last": phase.applied_until.strftime("%d/%m/%Y")},
            code="outside_window",
            field="applied_on",
        )


def _required_note(note: str) -> str:
    """Return the sentence in writing. Raises InvalidInput when it is missing or too long."""
    note = _clean_note(note)
    if not note:
        raise InvalidInput(_("Tell the author why, in a sentence."), code="note_required", field="note")
    return note


def _clean_note(note: str) -> str:
    """Return a note as it is stored. Raises InvalidInput when it is too long."""
    return clean_text(note, "note", MAX_NOTE, in_lines=True)


def _next_step(initiative: Initiative, kind: EventKind) -> Transition:
    """Return the step of the transition table. Raises Conflict when there is none from where the initiative stands."""
    step = TRANSITIONS.get((State(initiative.state), kind))
    if step is None:
        raise Conflict(
            _("This cannot be done now: it is “%(state)s”.") % {"state": State(initiative.state).label},
            code="wrong_state",
        )
    return step


def _step(
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
) -> None:
    """Take one step of the transition table: save the new state, its event and its outbox rows."""
    step = _next_step(initiative, kind)
    initiative.state = step.target
    initiative.decided_at = at if step.target in (State.VALID, State.INVALID, State.RETURNED) else None
    initiative.save()
    deltas = deltas_of(
        step, claimed=claimed, claimed_before=claimed_before, verified=verified, verified_before=verified_before
    )
    _write(initiative, [_event(initiative, kind, actor, at, deltas, reason=reason, note=note)], at)


def _event(
    initiative: Initiative,
    kind: EventKind,
    actor: Person,
    at: datetime,
    deltas: Deltas,
    part: EventPart = EventPart.WHOLE,
    reason: str = "",
    note: str = "",
) -> Event:
    """Return an event that counts where the initiative now counts; not yet written."""
    last = initiative.events.order_by("-number").values_list("number", flat=True).first() or 0
    path = initiative.unit_path
    assert initiative.submitted_at is not None  # the database holds that what is not a draft has both
    assert initiative.phase_id is not None
    return Event(
        initiative=initiative,
        number=last + 1,
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


def _taken_away(initiative: Initiative, kind: EventKind, actor: Person, at: datetime, note: str = "") -> Event:
    """Return the first part of an event in two: it takes away all that the initiative counts for. Not yet written."""
    return _event(initiative, kind, actor, at, _standing(initiative).negated(), EventPart.OLD, note=note)


def _write_in_two_parts(initiative: Initiative, old: Event) -> None:
    """Save the initiative and write its event: ``old``, and what adds all that it counts for now."""
    initiative.save()
    standing = _standing(initiative)
    new = _event(initiative, EventKind(old.kind), old.actor, old.at, standing, EventPart.NEW, note=old.note)
    new.number = old.number + 1
    _write(initiative, [old, new], old.at)


def _write(initiative: Initiative, events: list[Event], at: datetime) -> None:
    """Append events and tell the outbox."""
    Event.objects.bulk_create(events)
    outbox.publish(at, [(initiative.pk, event.number) for event in events])


def _standing(initiative: Initiative) -> Deltas:
    """Return everything that the initiative counts for as it stands."""
    state = State(initiative.state)
    return Deltas(
        submitted=1,
        valid=int(state == State.VALID),
        invalid=int(state == State.INVALID),
        returned=int(state == State.RETURNED),
        withdrawn=int(state == State.WITHDRAWN),
        benefit_claimed=initiative.benefit_claimed or 0,
        benefit_verified=(initiative.benefit_verified or 0) if state == State.VALID else 0,
    )
