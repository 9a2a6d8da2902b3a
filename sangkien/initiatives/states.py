"""The states of an initiative, what may happen to it, and what each happening adds to the counts: one table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where an initiative stands."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Awaiting verification")
    RETURNED = "returned", _("Returned for completion")
    VALID = "valid", _("Valid")
    INVALID = "invalid", _("Invalid")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class EventKind(models.TextChoices):
    """What happened to an initiative."""

    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned for completion")
    RESUBMITTED = "resubmitted", _("Sent again")
    VALIDATED = "validated", _("Verified as valid")
    INVALIDATED = "invalidated", _("Found invalid")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REINSTATED = "reinstated", _("Reinstated")
    CORRECTED = "corrected", _("Corrected")


class Benefit(StrEnum):
    """What a transition does to a sum of benefit."""

    KEEP = "keep"
    """Nothing."""
    SET = "set"
    """Adds the new value less the one counted before."""
    CLEAR = "clear"
    """Takes away the one counted before."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One permitted step and its deltas.

    ``submitted`` counts first submissions and is never taken back, so that ordinals and counts agree; ``returned``,
    ``valid``, ``invalid`` and ``withdrawn`` say how many stand there now.
    """

    target: State
    submitted: int = 0
    valid: int = 0
    invalid: int = 0
    returned: int = 0
    withdrawn: int = 0
    claimed: Benefit = Benefit.KEEP
    verified: Benefit = Benefit.KEEP


TRANSITIONS: dict[tuple[State, EventKind], Transition] = {
    (State.DRAFT, EventKind.SUBMITTED): Transition(State.SUBMITTED, submitted=1, claimed=Benefit.SET),
    (State.SUBMITTED, EventKind.RETURNED): Transition(State.RETURNED, returned=1),
    (State.SUBMITTED, EventKind.VALIDATED): Transition(State.VALID, valid=1, verified=Benefit.SET),
    (State.SUBMITTED, EventKind.INVALIDATED): Transition(State.INVALID, invalid=1),
    (State.SUBMITTED, EventKind.WITHDRAWN): Transition(State.WITHDRAWN, withdrawn=1),
    (State.RETURNED, EventKind.RESUBMITTED): Transition(State.SUBMITTED, returned=-1, claimed=Benefit.SET),
    (State.RETURNED, EventKind.WITHDRAWN): Transition(State.WITHDRAWN, returned=-1, withdrawn=1),
    (State.VALID, EventKind.INVALIDATED): Transition(State.INVALID, valid=-1, invalid=1, verified=Benefit.CLEAR),
    (State.INVALID, EventKind.REINSTATED): Transition(State.SUBMITTED, invalid=-1),
    (State.RETURNED, EventKind.REINSTATED): Transition(State.SUBMITTED, returned=-1),
    (State.VALID, EventKind.REINSTATED): Transition(State.SUBMITTED, valid=-1, verified=Benefit.CLEAR),
    (State.INVALID, EventKind.VALIDATED): Transition(State.VALID, invalid=-1, valid=1, verified=Benefit.SET),
}
"""The only table of what may happen. The database holds the same pairs of states in a trigger."""

UNDOING = frozenset({(State.RETURNED, EventKind.REINSTATED), (State.VALID, EventKind.REINSTATED)})
"""Steps that only take back a decision at once; later, what is valid can be found invalid, and authors send again."""
ON_APPEAL = frozenset({(State.INVALID, EventKind.VALIDATED)})
"""The step that only an appeal takes: otherwise what was found invalid is reinstated first."""


def is_open_to_officers(state: State, kind: EventKind) -> bool:
    """Say whether an officer may take this step at any time, neither undoing a decision nor allowing an appeal."""
    return (state, kind) in TRANSITIONS and (state, kind) not in UNDOING | ON_APPEAL


STATE_STEPS: frozenset[tuple[State, State]] = frozenset(
    (source, step.target) for (source, _kind), step in TRANSITIONS.items()
)


class ReasonCode(models.TextChoices):
    """Why an initiative is found invalid or returned (conditions of the programme: ``docs/glossary.md``)."""

    NOT_RECOGNISED = "not_recognised", _("Not recognised by an initiative council or the head of the unit")
    OUTSIDE_WINDOW = "outside_window", _("First applied outside the period that counts")
    NOT_APPLIED = "not_applied", _("Not yet applied in practice")
    DUPLICATE = "duplicate", _("Submitted more than once")
    IP_PROTECTED = "ip_protected", _("Under intellectual-property protection")
    AGAINST_ORDER = "against_order", _("Contrary to public order or social ethics")
    MISSING_DOCUMENT = "missing_document", _("A document is missing")
    INCOMPLETE = "incomplete", _("The description is incomplete")
    WRONG_UNIT = "wrong_unit", _("Entered for the wrong unit")
