"""What authors do: drafts, submitting, sending again, withdrawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.core.clock import day_of
from sangkien.core.errors import InvalidInput, NotAllowed
from sangkien.core.moments import event_moment
from sangkien.initiatives import rules
from sangkien.initiatives.actions.writing import (
    clean_note,
    locked,
    next_step,
    take_step,
    taken_away,
    write_in_two_parts,
)
from sangkien.initiatives.inputs import AuthorInput, InitiativeContent, clean_authors, clean_content
from sangkien.initiatives.models import Author, Initiative
from sangkien.initiatives.states import EventKind, State
from sangkien.people.models import Person
from sangkien.programmes.models import Phase, Programme
from sangkien.programmes.queries import open_phase
from sangkien.units.models import Unit
from sangkien.units.queries import is_open_on


@transaction.atomic
def create_draft(
    *, actor: Person, programme: Programme, content: InitiativeContent, authors: Sequence[AuthorInput], unit: Unit
) -> Initiative:
    """Keep an initiative as a draft of ``actor``. Raises NotAllowed and InvalidInput."""
    draft, authors = _new_initiative(actor, programme, content, authors, unit)
    draft.created_at = event_moment()
    draft.save(force_insert=True)
    _write_authors(draft, authors)
    return draft


@transaction.atomic
def submit_draft(*, actor: Person, initiative_id: int) -> Initiative:
    """Submit a draft into the phase that is open now. Raises NotAllowed, NotFound, InvalidInput and Conflict."""
    initiative, at = locked(initiative_id)
    if not rules.is_submitter(actor, initiative):
        raise NotAllowed
    _submit(initiative, actor, at)
    return initiative


@transaction.atomic
def submit_new(
    *, actor: Person, programme: Programme, content: InitiativeContent, authors: Sequence[AuthorInput], unit: Unit
) -> Initiative:
    """Make an initiative and submit it in one go, as ``create_draft`` and ``submit_draft`` would."""
    initiative, authors = _new_initiative(actor, programme, content, authors, unit)
    at = event_moment()
    initiative.created_at = at
    _submit(initiative, actor, at, is_new=True)
    _write_authors(initiative, authors)
    return initiative


@transaction.atomic
def resubmit(*, actor: Person, initiative_id: int, content: InitiativeContent | None = None) -> Initiative:
    """Send a returned initiative again, corrected. Raises NotAllowed, NotFound, InvalidInput and Conflict."""
    initiative, at = locked(initiative_id)
    if not rules.may_resubmit(actor, initiative):
        raise NotAllowed
    step = next_step(initiative, EventKind.RESUBMITTED)  # before the window, because a draft has no phase yet
    claimed_before, place_before = initiative.benefit_claimed, (initiative.field_id, initiative.kind)
    old = taken_away(initiative, EventKind.RESUBMITTED, actor, at)
    if content is not None:
        for name, value in _content_fields(clean_content(content)).items():
            setattr(initiative, name, value)
    _check_window(initiative, at)
    if (initiative.field_id, initiative.kind) != place_before:  # all that it counts for moves with it
        initiative.state, initiative.decided_at = step.target, None
        write_in_two_parts(initiative, old)
        return initiative
    take_step(
        initiative,
        EventKind.RESUBMITTED,
        actor=actor,
        at=at,
        claimed=initiative.benefit_claimed,
        claimed_before=claimed_before,
    )
    return initiative


@transaction.atomic
def withdraw(*, actor: Person, initiative_id: int, note: str = "") -> Initiative:
    """Withdraw an initiative that has not been decided. Raises NotAllowed, NotFound and Conflict."""
    initiative, at = locked(initiative_id)
    if not rules.may_withdraw(actor, initiative):
        raise NotAllowed
    take_step(initiative, EventKind.WITHDRAWN, actor=actor, at=at, note=clean_note(note))
    return initiative


def _new_initiative(
    actor: Person, programme: Programme, content: InitiativeContent, authors: Sequence[AuthorInput], unit: Unit
) -> tuple[Initiative, list[AuthorInput]]:
    """Return an initiative that is not in the database yet, with its cleaned authors."""
    if not rules.may_submit(actor):
        raise NotAllowed
    content, cleaned = clean_content(content), clean_authors(authors)
    initiative = Initiative(
        programme=programme,
        unit=unit,
        unit_path=unit.path,
        category=cleaned[0].category,
        state=State.DRAFT,
        submitter=actor,
        **_content_fields(content),
    )
    return initiative, cleaned


def _write_authors(initiative: Initiative, authors: Sequence[AuthorInput]) -> None:
    """Write the authors of a new initiative; the principal author is of its unit unless they name another."""
    Author.objects.bulk_create(
        Author(
            initiative=initiative,
            number=number,
            name=a.name,
            unit=a.unit or (initiative.unit if number == 1 else None),
            workplace=a.workplace,
            category=a.category,
            title=a.title,
            share=a.share,
            person_id=a.person_id,
        )
        for number, a in enumerate(authors, start=1)
    )


def _submit(initiative: Initiative, actor: Person, at: datetime, *, is_new: bool = False) -> None:
    """Submit an initiative at ``at``, under the tree as it stands now. Raises InvalidInput and Conflict."""
    next_step(initiative, EventKind.SUBMITTED)
    initiative.phase = _phase_for(initiative, at)
    initiative.unit_path = initiative.unit.path
    initiative.submitted_at = at
    take_step(initiative, EventKind.SUBMITTED, actor=actor, at=at, claimed=initiative.benefit_claimed, is_new=is_new)


def _content_fields(content: InitiativeContent) -> dict[str, object]:
    """Return the content as fields of the model."""
    return {f.name: getattr(content, f.name) for f in fields(content)}


def _phase_for(initiative: Initiative, at: datetime) -> Phase:
    """Return the phase that is open at ``at`` and for which the initiative is eligible. Raises InvalidInput."""
    phase = open_phase(initiative.programme, at)
    if phase is None:
        raise InvalidInput(
            _("Submissions are closed at the moment: no phase of the programme is open."), code="phase_closed"
        )
    if not is_open_on(initiative.unit, day_of(at)):
        raise InvalidInput(
            _("This unit has closed; choose the one that followed it."), code="unit_closed", field="unit"
        )
    initiative.phase = phase
    _check_window(initiative, at)
    return phase


def _check_window(initiative: Initiative, at: datetime) -> None:
    """Raise InvalidInput unless the initiative was first applied, by now, in the period that its phase counts."""
    phase = initiative.phase
    assert phase is not None
    if not phase.applied_from <= initiative.applied_on <= phase.applied_until:
        raise InvalidInput(
            _("It must have been first applied between %(first)s and %(last)s to count in this phase.")
            % {"first": phase.applied_from.strftime("%d/%m/%Y"), "last": phase.applied_until.strftime("%d/%m/%Y")},
            code="outside_window",
            field="applied_on",
        )
    if initiative.applied_on > day_of(at):
        raise InvalidInput(
            _("This day has not come yet. Give the day on which it was first used."),
            code="not_applied_yet",
            field="applied_on",
        )
