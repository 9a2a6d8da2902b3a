"""Second looks: picked when something is found valid, confirmed or overturned by the level above."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.audit.actions import record
from sangkien.audit.refusals import recorded
from sangkien.core import outbox
from sangkien.core.errors import InvalidInput, NotAllowed, NotFound
from sangkien.initiatives import rules
from sangkien.initiatives.actions.writing import aim, clean_note, locked, required_note, take_step
from sangkien.initiatives.errors import DecidedMeanwhile
from sangkien.initiatives.levels import level_above
from sangkien.initiatives.lots import cause_of_look
from sangkien.initiatives.models import Initiative, SecondLook
from sangkien.initiatives.states import EventKind, ReasonCode
from sangkien.people.models import Person
from sangkien.programmes.verification import decision_due, verification_terms


def pick_second_look(initiative: Initiative, number: int, officer: Person, at: datetime) -> None:
    """Have event ``number``, by which ``officer`` has just found the initiative valid, looked at again if picked."""
    terms = verification_terms(initiative.programme, at)
    cause = cause_of_look(initiative.pk, initiative.benefit_verified, terms)
    if cause is None:
        return
    unit = level_above(officer, initiative.unit_path, at)
    SecondLook.objects.create(
        initiative=initiative,
        number=number,
        unit=unit,
        unit_path=unit.path,
        cause=cause,
        made_at=at,
        due_at=decision_due(terms, at),
    )


@recorded("decide_second_look", aim)
@transaction.atomic
def decide_second_look(
    *,
    actor: Person,
    initiative_id: int,
    number: int,
    confirm: bool,
    reason: ReasonCode | None = None,
    note: str = "",
) -> SecondLook:
    """Confirm what event ``number`` found valid, or overturn it: found invalid, with a reason and a sentence.

    Raises NotFound, NotAllowed, DecidedMeanwhile when another officer was faster or it is no longer needed, and
    InvalidInput.
    """
    initiative, at = locked(initiative_id)
    look = SecondLook.objects.select_for_update().filter(initiative_id=initiative.pk, number=number).first()
    if look is None:
        raise NotFound(code="unknown_second_look")
    look.initiative = initiative
    if not rules.may_second_look(actor, look, at):
        raise NotAllowed
    if look.state != SecondLook.State.WAITING:
        raise DecidedMeanwhile(initiative)
    if not confirm and reason is None:
        raise InvalidInput(_("Choose a reason."), code="reason_required", field="reason")
    look.note = clean_note(note) if confirm else required_note(note)
    look.state = SecondLook.State.CONFIRMED if confirm else SecondLook.State.OVERTURNED
    look.decided_by, look.decided_at = actor, at
    look.save()
    if reason is not None and not confirm:
        _overturn(initiative, actor, at, reason, look.note)
    entry = record(
        actor=actor,
        at=at,
        action="decide_second_look",
        subject_kind="initiative",
        subject=str(initiative.pk),
        unit_path=look.unit_path,
        details={"number": number, "state": str(look.state)},
    )
    outbox.publish(at, [(entry.pk, 0)], consumers=outbox.RECORD_CONSUMERS)
    return look


def _overturn(initiative: Initiative, actor: Person, at: datetime, reason: ReasonCode, note: str) -> None:
    """Find it invalid after all."""
    verified, initiative.benefit_verified = initiative.benefit_verified, None
    take_step(initiative, EventKind.INVALIDATED, actor=actor, at=at, reason=reason, note=note, verified_before=verified)
