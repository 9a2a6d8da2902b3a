"""What officers do: finding valid or invalid, returning, reinstating, putting right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from types import MappingProxyType

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.audit.refusals import recorded
from sangkien.core.errors import InvalidInput, NotAllowed
from sangkien.initiatives import rules
from sangkien.initiatives.actions.second_looks import pick_second_look
from sangkien.initiatives.actions.writing import (
    aim,
    clean_note,
    last_number,
    locked,
    refuse_objected,
    required_note,
    take_step,
    taken_away,
    write_in_two_parts,
    wrong_state,
)
from sangkien.initiatives.errors import DecidedMeanwhile
from sangkien.initiatives.flags import look_at_benefit
from sangkien.initiatives.inputs import InitiativeContent, check_benefit, clean_text
from sangkien.initiatives.models import AskedField, Author, Initiative
from sangkien.initiatives.states import EventKind, ReasonCode, State, is_open_to_officers
from sangkien.people.categories import Category
from sangkien.people.models import Person
from sangkien.units.models import Unit
from sangkien.units.rules import verifies_in

ASKABLE = frozenset({f.name for f in fields(InitiativeContent)} | {"authors", "unit", "attachments"})
"""What an officer can ask about when returning an initiative."""
MAX_ASKED = 500
NOTHING_ASKED: Mapping[str, str] = MappingProxyType({})


@recorded("decide", aim)
@transaction.atomic
def mark_valid(
    *,
    actor: Person,
    initiative_id: int,
    benefit_verified: int | None = None,
    note: str = "",
    expected_state: State | None = None,
    expected_event: int | None = None,
) -> Initiative:
    """Find a submitted initiative valid, with the benefit that the officer could verify (đồng of the first year).

    The programme's terms may pick it for a second look by the level above; it counts as valid meanwhile. Raises
    Conflict ``author_objects`` while its principal author declines to be one.
    """
    check_benefit(benefit_verified, "benefit_verified")
    initiative, at = _to_decide(actor, initiative_id, EventKind.VALIDATED, expected_state, expected_event)
    refuse_objected(initiative)
    initiative.benefit_verified = benefit_verified
    number = take_step(
        initiative, EventKind.VALIDATED, actor=actor, at=at, verified=benefit_verified, note=clean_note(note)
    )
    pick_second_look(initiative, number, actor, at)
    return initiative


@recorded("decide", aim)
@transaction.atomic
def return_initiative(
    *,
    actor: Person,
    initiative_id: int,
    reason: ReasonCode,
    note: str,
    expected_state: State | None = None,
    expected_event: int | None = None,
    asked: Mapping[str, str] = NOTHING_ASKED,
) -> Initiative:
    """Return a submitted initiative for completion; ``note`` tells the author what is missing.

    ``asked`` says of single fields (``ASKABLE``) what is wanted there; a field alone, with an empty text, will do.
    """
    wanted = _clean_asked(asked)
    initiative, at = _to_decide(actor, initiative_id, EventKind.RETURNED, expected_state, expected_event)
    number = take_step(initiative, EventKind.RETURNED, actor=actor, at=at, reason=reason, note=required_note(note))
    if wanted:
        AskedField.objects.bulk_create(
            AskedField(initiative_id=initiative.pk, number=number, field=name, note=text)
            for name, text in wanted.items()
        )
    return initiative


@recorded("decide", aim)
@transaction.atomic
def mark_invalid(
    *,
    actor: Person,
    initiative_id: int,
    reason: ReasonCode,
    note: str,
    expected_state: State | None = None,
    expected_event: int | None = None,
) -> Initiative:
    """Find an initiative invalid, with a reason code and a sentence in writing (Điều lệ Sáng kiến, article 7)."""
    initiative, at = _to_decide(actor, initiative_id, EventKind.INVALIDATED, expected_state, expected_event)
    verified_before = initiative.benefit_verified
    initiative.benefit_verified = None
    take_step(
        initiative,
        EventKind.INVALIDATED,
        actor=actor,
        at=at,
        reason=reason,
        note=required_note(note),
        verified_before=verified_before,
    )
    return initiative


@recorded("decide", aim)
@transaction.atomic
def reinstate(
    *,
    actor: Person,
    initiative_id: int,
    note: str,
    expected_state: State | None = None,
    expected_event: int | None = None,
) -> Initiative:
    """Take back the finding that an initiative is invalid: it waits for a decision again."""
    initiative, at = _to_decide(actor, initiative_id, EventKind.REINSTATED, expected_state, expected_event)
    take_step(initiative, EventKind.REINSTATED, actor=actor, at=at, note=required_note(note))
    return initiative


@recorded("decide", aim)
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
    note = required_note(note)
    initiative, at = locked(initiative_id)
    new_path = unit.path if unit else initiative.unit_path
    if not (rules.may_decide(actor, initiative, at) and verifies_in(actor, new_path, at)):
        raise NotAllowed
    old = taken_away(initiative, EventKind.CORRECTED, actor, at, note)
    if unit:
        initiative.unit, initiative.unit_path = unit, unit.path
    initiative.category = category or initiative.category
    if benefit_claimed is not None:
        initiative.benefit_claimed = benefit_claimed
        look_at_benefit(initiative)
    write_in_two_parts(initiative, old)
    if unit or category:  # the principal author is whom both are taken from
        principal = Author.objects.filter(initiative=initiative, number=1)
        principal.update(category=initiative.category, **({"unit": unit} if unit else {}))
    return initiative


def _clean_asked(asked: Mapping[str, str]) -> dict[str, str]:
    """Return the fields asked about with cleaned notes. Raises InvalidInput for others, and for a note too long."""
    for name in asked:
        if name not in ASKABLE:
            raise InvalidInput(_("Nothing can be asked about this field."), code="unknown_field", field="asked")
    return {name: clean_text(text, f"asked_{name}", MAX_ASKED) for name, text in asked.items()}


def _to_decide(
    actor: Person, initiative_id: int, kind: EventKind, expected: State | None, expected_event: int | None
) -> tuple[Initiative, datetime]:
    """Lock an initiative for an officer's decision; ``expected_event`` is the number of the last event as they saw it.

    Raises NotAllowed, DecidedMeanwhile when somebody else came first, and Conflict when it does not stand where an
    officer takes this step.
    """
    initiative, at = locked(initiative_id)
    has_happened = expected_event is not None and last_number(initiative) != expected_event
    is_stale = has_happened or (expected is not None and initiative.state != expected)
    # Whoever is told that a level above was faster has attempted nothing.
    if is_stale and rules.may_verify(actor, initiative, at):
        raise DecidedMeanwhile(initiative)
    if not rules.may_decide(actor, initiative, at):
        raise NotAllowed
    if not is_open_to_officers(State(initiative.state), kind):
        raise wrong_state(initiative)
    return initiative, at
