"""Taking back a decision at once, before anybody has built on it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.audit.refusals import recorded
from sangkien.core.errors import Conflict, NotAllowed
from sangkien.initiatives import rules
from sangkien.initiatives.actions.writing import aim, locked, take_step
from sangkien.initiatives.due import due_after
from sangkien.initiatives.errors import DecidedMeanwhile
from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import EventKind
from sangkien.people.models import Person

WAITS = frozenset({EventKind.SUBMITTED, EventKind.RESUBMITTED, EventKind.REINSTATED})
"""After these it waits for an officer."""


@recorded("decide", aim)
@transaction.atomic
def undo_decision(*, actor: Person, initiative_id: int, expected_event: int) -> Initiative:
    """Take back one's own decision on what waited, within 10 minutes of it; ``expected_event`` is its number.

    The initiative waits again, as long as it had. Raises NotFound, NotAllowed, DecidedMeanwhile when something has
    happened since, and Conflict ``too_late_to_undo``.
    """
    initiative, at = locked(initiative_id)
    last = initiative.events.order_by("-number").first()
    if last is None or last.number != expected_event:
        raise DecidedMeanwhile(initiative)
    if last.actor_id != actor.pk or not rules.may_decide(actor, initiative, at):
        raise NotAllowed
    if not rules.is_undoable(last, actor, at):
        raise Conflict(
            _("It is too late to undo this: it can be done within 10 minutes of a decision."), code="too_late_to_undo"
        )
    verified, initiative.benefit_verified = initiative.benefit_verified, None
    began = _began_to_wait(initiative, before=last.number)
    due = due_after(initiative.programme, began)
    take_step(initiative, EventKind.REINSTATED, actor=actor, at=at, verified_before=verified, due_at=due)
    return initiative


def _began_to_wait(initiative: Initiative, before: int) -> datetime:
    """Return when the initiative began to wait for its event ``before``: undoing gives nobody more time."""
    events = initiative.events.filter(kind__in=WAITS, number__lt=before)
    return events.order_by("-number").values_list("at", flat=True)[0]
