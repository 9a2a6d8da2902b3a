"""What authors do: submitting, sending again, withdrawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.core import outbox
from sangkien.core.errors import NotAllowed
from sangkien.initiatives import rules
from sangkien.initiatives.actions.authors import author_rows, rewrite_authors
from sangkien.initiatives.actions.checking import checked
from sangkien.initiatives.actions.drafts import use_up
from sangkien.initiatives.actions.inserting import insert_together
from sangkien.initiatives.actions.keys import begin_new, take_key
from sangkien.initiatives.actions.writing import (
    first_step,
    locked,
    next_step,
    required_note,
    take_step,
    taken_away,
    write_in_two_parts,
)
from sangkien.initiatives.flags import flags_of, look_at_files
from sangkien.initiatives.inputs import AuthorInput, InitiativeContent
from sangkien.initiatives.models import Author, EligibilityRecord, Initiative
from sangkien.initiatives.states import EventKind, State
from sangkien.people.categories import Category
from sangkien.people.models import Person
from sangkien.programmes.models import Programme
from sangkien.programmes.terms import terms_at
from sangkien.units.models import Unit

_CONTENT = tuple(f.name for f in fields(InitiativeContent))


@transaction.atomic
def submit_new(
    *,
    actor: Person,
    programme: Programme,
    content: InitiativeContent,
    authors: Sequence[AuthorInput],
    unit: Unit,
    key: UUID | None = None,
) -> Initiative:
    """Submit an initiative into the phase that is open now, under the tree as it stands now.

    ``key`` is what decides that it is sent once; the actor's draft of that name gives its files and is deleted. Raises
    AlreadySent when the key was used before, NotAllowed, and InvalidInput with everything that is wrong.
    """
    if not rules.may_submit(actor):
        raise NotAllowed
    number, has_draft, at = begin_new(actor, key)
    terms = terms_at(programme, at)
    sent = checked(phase=terms.phase, rules=terms.rules, content=content, authors=authors, unit=unit, at=at)
    initiative = Initiative(
        pk=number,
        programme=programme,
        phase=sent.phase,
        unit=unit,
        unit_path=unit.path,
        category=sent.authors[0].category,
        state=State.DRAFT,
        created_at=at,
        submitted_at=at,
        due_at=terms.due_at,
        submitter=actor,
        **_values(sent.content),
    )
    initiative.flags = flags_of(initiative, sent.findings, terms.rules)
    event = first_step(initiative, actor, at)
    record = EligibilityRecord(initiative_id=number, number=1, findings=sent.findings)
    authors_rows = author_rows(initiative, sent.authors, actor, at)
    insert_together([initiative, event, *authors_rows, record, *outbox.entries(at, [(number, 1)])])
    if key and has_draft:
        use_up(key, initiative, actor, at)
        look_at_files(initiative)
    return initiative


@transaction.atomic
def resubmit(
    *,
    actor: Person,
    initiative_id: int,
    content: InitiativeContent | None = None,
    authors: Sequence[AuthorInput] | None = None,
    unit: Unit | None = None,
    key: UUID | None = None,
) -> Initiative:
    """Send a returned initiative again, corrected; what is None stays as it was.

    It is held to the window of the phase that took it first, which may have closed meanwhile. ``key`` works as in
    ``submit_new``. Raises AlreadySent, NotAllowed, NotFound, Conflict, and InvalidInput with everything that is wrong.
    """
    has_draft = take_key(actor, key, initiative_id)
    initiative, at = locked(initiative_id)
    if not rules.may_resubmit(actor, initiative):
        raise NotAllowed
    step = next_step(initiative, EventKind.RESUBMITTED)
    claimed_before, place_before = initiative.benefit_claimed, _place(initiative)
    old = taken_away(initiative, EventKind.RESUBMITTED, actor, at)
    chosen = unit if unit and unit.pk != initiative.unit_id else None
    terms = terms_at(initiative.programme, at)
    sent = checked(
        phase=initiative.phase,
        rules=terms.rules,
        content=content or _content_of(initiative),
        authors=_authors_of(initiative) if authors is None else authors,
        unit=chosen,
        at=at,
    )
    for name, value in _values(sent.content).items():
        setattr(initiative, name, value)
    if chosen:
        initiative.unit, initiative.unit_path = chosen, chosen.path
    initiative.category = sent.authors[0].category
    initiative.flags = flags_of(initiative, sent.findings, terms.rules)
    if _place(initiative) != place_before:  # all that it counts for moves with it
        initiative.state, initiative.decided_at, initiative.due_at = step.target, None, terms.due_at
        number = write_in_two_parts(initiative, old)
    else:
        claimed = initiative.benefit_claimed
        number = take_step(
            initiative,
            EventKind.RESUBMITTED,
            actor=actor,
            at=at,
            claimed=claimed,
            claimed_before=claimed_before,
            due_at=terms.due_at,
        )
    if authors is not None:
        rewrite_authors(initiative, sent.authors, actor, at)
    elif chosen:
        Author.objects.filter(initiative=initiative, number=1).update(unit=chosen)
    EligibilityRecord(initiative_id=initiative.pk, number=number, findings=sent.findings).save(force_insert=True)
    if key and has_draft:
        use_up(key, initiative, actor, at)
    look_at_files(initiative)
    return initiative


@transaction.atomic
def withdraw(*, actor: Person, initiative_id: int, note: str) -> Initiative:
    """Withdraw an initiative that has not been decided; ``note`` says why.

    Raises NotAllowed, NotFound, Conflict and InvalidInput.
    """
    note = required_note(note, _("Say in a sentence why you withdraw it."))
    initiative, at = locked(initiative_id)
    if not rules.may_withdraw(actor, initiative):
        raise NotAllowed
    take_step(initiative, EventKind.WITHDRAWN, actor=actor, at=at, note=note)
    return initiative


def _place(initiative: Initiative) -> tuple[object, ...]:
    """Return where an initiative counts."""
    return initiative.unit_id, initiative.category, initiative.field_id, initiative.kind


def _values(content: InitiativeContent) -> dict[str, object]:
    """Return the content as fields of the model."""
    return {name: getattr(content, name) for name in _CONTENT}


def _content_of(initiative: Initiative) -> InitiativeContent:
    """Return what an initiative says."""
    return InitiativeContent(**{name: getattr(initiative, name) for name in _CONTENT})


def _authors_of(initiative: Initiative) -> list[AuthorInput]:
    """Return the authors of an initiative as they stand."""
    return [
        AuthorInput(
            name=a.name,
            category=Category(a.category),
            share=a.share,
            unit=a.unit,
            workplace=a.workplace,
            title=a.title,
            person_id=a.person_id,
            contact=a.contact,
        )
        for a in initiative.authors.select_related("unit")
    ]
