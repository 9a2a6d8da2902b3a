"""Appeals: an author asks the level above to look again at a finding of invalid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.audit.actions import record
from sangkien.audit.refusals import Aim, recorded
from sangkien.core import outbox
from sangkien.core.errors import Conflict, NotAllowed, NotFound
from sangkien.initiatives import rules
from sangkien.initiatives.actions.writing import (
    locked,
    refuse_objected,
    required_note,
    take_step,
    wrong_state,
)
from sangkien.initiatives.due import due_after
from sangkien.initiatives.errors import DecidedMeanwhile
from sangkien.initiatives.inputs import check_benefit
from sangkien.initiatives.levels import level_above
from sangkien.initiatives.models import Appeal
from sangkien.initiatives.states import EventKind, State
from sangkien.people.models import Person

SAY_WHY = _("Say why it should be looked at again.")
ANSWER = _("Answer the author in writing: say why.")


def _aim(given: Mapping[str, Any]) -> Aim | None:
    """Return what a refused answer was aimed at: the appeal, at the level asked."""
    made = Appeal.objects.filter(pk=given["appeal_id"]).first()
    return Aim("appeal", str(made.pk), made.unit_path, {"initiative": made.initiative_id}) if made else None


@transaction.atomic
def appeal(*, actor: Person, initiative_id: int, note: str) -> Appeal:
    """Appeal to the level above against the finding that an initiative is invalid; ``note`` says why.

    Raises NotFound, NotAllowed, InvalidInput, and Conflict: ``wrong_state``, ``appeal_too_late``, or
    ``appealed_before`` (once against each finding, also when it was taken back).
    """
    note = required_note(note, SAY_WHY)
    initiative, at = locked(initiative_id)
    if not rules.may_withdraw(actor, initiative):
        raise NotAllowed
    finding = rules.finding_of(initiative)
    if initiative.state != State.INVALID or finding is None:
        raise wrong_state(initiative)
    if initiative.appeals.filter(number=finding.number).exists():
        raise Conflict(_("There has been an appeal against this finding before."), code="appealed_before")
    if at >= rules.appealable_until(initiative, finding):
        raise Conflict(_("It is too late: the days in which one can appeal are over."), code="appeal_too_late")
    unit = level_above(finding.actor, initiative.unit_path, finding.at)
    made = Appeal.objects.create(
        initiative=initiative,
        number=finding.number,
        person=actor,
        note=note,
        unit=unit,
        unit_path=unit.path,
        made_at=at,
        due_at=due_after(initiative.programme, at),
    )
    _record(made, actor, at, "appeal")
    return made


@transaction.atomic
def withdraw_appeal(*, actor: Person, appeal_id: int) -> Appeal:
    """Take an appeal back. Raises NotFound, NotAllowed for everybody but who made it, and DecidedMeanwhile."""
    made, at = _locked_appeal(appeal_id)
    if not actor.is_active or made.person_id != actor.pk:
        raise NotAllowed
    _end(made, Appeal.State.WITHDRAWN, actor, at)
    _record(made, actor, at, "withdraw_appeal")
    return made


@recorded("decide_appeal", _aim)
@transaction.atomic
def decide_appeal(
    *, actor: Person, appeal_id: int, allow: bool, answer: str, benefit_verified: int | None = None
) -> Appeal:
    """Allow an appeal, or dismiss it; in either case with an answer in writing.

    Allowed, the initiative is valid from now on, by a new event, with the benefit that could be verified (đồng).
    Today's counts change, no figure as of before and no published report. Raises NotFound, NotAllowed, InvalidInput,
    DecidedMeanwhile, and Conflict ``author_objects``.
    """
    answer = required_note(answer, ANSWER)
    check_benefit(benefit_verified, "benefit_verified")
    made, at = _locked_appeal(appeal_id)
    initiative = made.initiative
    if not rules.may_decide_appeal(actor, made, at):
        raise NotAllowed
    _end(made, Appeal.State.ALLOWED if allow else Appeal.State.DISMISSED, actor, at, answer)
    if allow:
        refuse_objected(initiative)
        initiative.benefit_verified = benefit_verified
        take_step(initiative, EventKind.VALIDATED, actor=actor, at=at, note=answer, verified=benefit_verified)
    _record(made, actor, at, "decide_appeal")
    return made


def _locked_appeal(appeal_id: int) -> tuple[Appeal, datetime]:
    """Lock the initiative of an appeal, then the appeal, and take the moment. Raises NotFound."""
    number = Appeal.objects.filter(pk=appeal_id).values_list("initiative_id", flat=True).first()
    if number is None:
        raise NotFound(_("There is no such appeal."), code="unknown_appeal")
    initiative, at = locked(number)
    made = Appeal.objects.select_for_update().get(pk=appeal_id)
    made.initiative = initiative
    return made, at


def _end(made: Appeal, state: Appeal.State, actor: Person, at: datetime, answer: str = "") -> None:
    """Say how an appeal ended. Raises DecidedMeanwhile when it has ended before."""
    if made.state != Appeal.State.WAITING:
        raise DecidedMeanwhile(made.initiative)
    made.state, made.decided_by, made.decided_at, made.answer = state, actor, at, answer
    made.save()


def _record(made: Appeal, actor: Person, at: datetime, action: str) -> None:
    """Write into the record what was done with an appeal, and tell whom it concerns."""
    entry = record(
        actor=actor,
        at=at,
        action=action,
        subject_kind="appeal",
        subject=str(made.pk),
        unit_path=made.unit_path,
        details={"initiative": made.initiative_id, "number": made.number, "state": str(made.state)},
    )
    if action != "withdraw_appeal":
        outbox.publish(at, [(entry.pk, 0)], consumers=outbox.RECORD_CONSUMERS)
