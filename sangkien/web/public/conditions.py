"""The conditions of the programme: every rule with its source, since when, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sangkien.core import clock
from sangkien.programmes import eligibility
from sangkien.programmes.models import EligibilityRule, Phase, RuleOutcome
from sangkien.programmes.queries import phase_before, phases_of, the_programme
from sangkien.web.public.phases import empty_page


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version of a rule as it is drawn: what is wanted, and what to do about it."""

    rule: EligibilityRule
    demand: str
    advice: str


@dataclass(frozen=True, slots=True)
class ShownCondition:
    """A condition as it is drawn, with the versions before and after the one in force."""

    now: ShownVersion
    former: list[ShownVersion]
    announced: list[ShownVersion]


@require_safe
def conditions(request: HttpRequest) -> HttpResponse:
    """Show what an initiative must meet to count, as the rules stand now."""
    programme = the_programme()
    if programme is None:
        return empty_page(request)
    now = clock.now()
    phases = phases_of(programme)
    current = next((phase for phase in phases if phase.is_open(now)), None)
    phase = current or phase_before(phases, now) or next(iter(phases), None)
    shown = [shown_condition(one, phase) for one in eligibility.conditions(programme, now)]
    context = {
        "programme": programme,
        "phases": phases,
        "current": current,
        "phase": phase,
        "required": having(shown, RuleOutcome.REFUSE),
        "looked_at": having(shown, RuleOutcome.WARN),
    }
    return render(request, "public/conditions.html", context)


def having(shown: Iterable[ShownCondition], outcome: RuleOutcome) -> list[ShownCondition]:
    """Return the conditions with this outcome."""
    return [one for one in shown if one.now.rule.outcome == outcome]


def shown_condition(condition: eligibility.Condition, phase: Phase | None) -> ShownCondition:
    """Return a condition with its sentences in the reader's language and the days of ``phase`` in them."""
    return ShownCondition(
        now=shown_version(condition.rule, phase),
        former=[shown_version(rule, phase) for rule in condition.former],
        announced=[shown_version(rule, phase) for rule in condition.announced],
    )


def shown_version(rule: EligibilityRule, phase: Phase | None) -> ShownVersion:
    """Return a version of a rule; its first sentence says what is wanted, the others what to do."""
    demand, stop, advice = eligibility.read_sentence(rule, phase).partition(". ")
    return ShownVersion(rule, f"{demand}." if stop else demand, advice)
