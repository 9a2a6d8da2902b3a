"""What a step of the transition table adds to the counts."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sangkien.initiatives.models import Initiative
from sangkien.initiatives.states import Benefit, State, Transition


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
    """Return what a step adds to a sum of benefit, given the value after and before it (đồng; None is nothing)."""
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


def standing_of(initiative: Initiative) -> Deltas:
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
