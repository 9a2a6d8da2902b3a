"""What became of the submissions before the cut-off: officers' decisions, in working hours."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from random import Random

from sangkien.demo.plan.benefits import STEP_VND
from sangkien.demo.plan.calendar import working_hours
from sangkien.demo.plan.model import (
    DAYS,
    EPOCH_US,
    HOUR_US,
    INVALIDATED,
    NO_REASON,
    REASONS,
    REINSTATED,
    RESUBMITTED,
    RETURNED,
    VALIDATED,
    WITHDRAWN,
    Decisions,
    PlannedUnit,
    Submissions,
)
from sangkien.demo.plan.reference import DirectPlan
from sangkien.demo.plan.submissions import spread_moments

_DRAWS = 512
_INVALID_REASONS = (0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 4)
_RETURN_REASONS = (5, 5, 5, 6, 6)
_NONE = len(REASONS)

# chances in 1,000, in the order validated, invalidated, returned, withdrawn
_FIRST_LOOK = (820, 932, 994)
_SECOND_LOOK = (860, 960, 996)


def _delays() -> list[int]:
    """Return quantiles of the time to a decision, in working hours: half within a week, some later."""
    return [1 + 150 * number**3 // _DRAWS**3 + number * 40 // _DRAWS for number in range(_DRAWS)]


class _Desk:
    """Puts events into working hours; an event is coded as ((submission x 8) + kind) x 16 + reason."""

    def __init__(self, rng: Random) -> None:
        hours = list(working_hours())
        self.hours = hours
        self.next_after = [bisect_left(hours, hour + 1) for hour in range(24 * DAYS)]
        self.events: list[list[int]] = [[] for _ in hours]
        self.delays = _delays()
        self.random = rng.random

    def later(self, slot: int, percent: int) -> int:
        """Return a working hour after this one, by a drawn delay stretched to a percentage."""
        return slot + 1 + self.delays[int(self.random() * _DRAWS)] * percent // 100

    def put(self, slot: int, submission: int, kind: int, reasons: tuple[int, ...] = ()) -> bool:
        """Enter an event unless its hour lies beyond the cut-off; return whether it was entered."""
        if slot >= len(self.events):
            return False
        reason = reasons[int(self.random() * len(reasons))] if reasons else _NONE
        self.events[slot].append((submission * 8 + kind) * 16 + reason)
        return True

    def decide(self, submission: int, slot: int, percent: int) -> None:
        """Take one submission from its first look to wherever it stands at the cut-off."""
        chances = _FIRST_LOOK
        while True:
            slot = self.later(slot, percent)
            if slot >= len(self.events):
                return
            number = int(self.random() * 1000)
            if number < chances[0]:
                self.put(slot, submission, VALIDATED)
                return
            if number < chances[1]:
                self.put(slot, submission, INVALIDATED, _INVALID_REASONS)
                slot = self.later(slot, 150)
                if self.random() >= 0.03 or not self.put(slot, submission, REINSTATED):
                    return
            elif number < chances[2]:
                self.put(slot, submission, RETURNED, _RETURN_REASONS)
                slot = self.later(slot, 100)
                answer = self.random()
                if answer >= 0.60:
                    if answer < 0.64:
                        self.put(slot, submission, WITHDRAWN)
                    return
                if not self.put(slot, submission, RESUBMITTED):
                    return
            else:
                self.put(slot, submission, WITHDRAWN)
                return
            chances = _SECOND_LOOK


def _haste(units: list[PlannedUnit], plans: list[DirectPlan]) -> dict[int, int]:
    """Return each direct unit's delays in percent: short where much is valid already."""
    position_of = {unit.code: position for position, unit in enumerate(units)}
    result = {}
    for plan in plans:
        valid = 100 * plan.valid // max(1, plan.counts[-1])
        result[position_of[plan.code]] = max(45, min(220, 100 + (58 - valid) * 6))
    return result


def _verified(claim: int, rng: Random) -> int:
    """Return what an officer lets stand of a claim: mostly all of it."""
    if claim <= 0 or rng.random() < 0.84:
        return claim
    return max(1, claim * (50 + int(rng.random() * 45)) // (100 * STEP_VND)) * STEP_VND


def plan_decisions(
    units: list[PlannedUnit], direct: array[int], plans: list[DirectPlan], submissions: Submissions
) -> Decisions:
    """Return every event after submission and before the cut-off, in strictly increasing order of moment."""
    rng = Random("decisions")
    desk = _Desk(rng)
    haste = _haste(units, plans)
    for number, (at_us, unit) in enumerate(zip(submissions.at_us, submissions.unit, strict=True)):
        desk.decide(number, desk.next_after[(at_us - EPOCH_US) // HOUR_US] - 1, haste[direct[unit]])
    result = Decisions(array("q"), array("i"), array("b"), array("b"), array("q"))
    for hour, events in zip(desk.hours, desk.events, strict=True):
        if not events:
            continue
        result.at_us.extend(spread_moments(EPOCH_US + hour * HOUR_US, HOUR_US, len(events), rng))
        for event in events:
            submission, kind, reason = event >> 7, event >> 4 & 7, event & 15
            result.submission.append(submission)
            result.kind.append(kind)
            result.reason.append(NO_REASON if reason == _NONE else reason)
            claim = submissions.benefit[submission]
            result.benefit_verified.append(_verified(claim, rng) if kind == VALIDATED else -1)
    return result
