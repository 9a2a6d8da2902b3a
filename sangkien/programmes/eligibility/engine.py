"""The engine: which rules are in force, what they say about an initiative, and what is kept of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Q
from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sangkien.core.clock import format_date
from sangkien.core.errors import Message
from sangkien.programmes.eligibility.checks import CHECKS, Facts
from sangkien.programmes.models import EligibilityRule, Phase, Programme, RuleOutcome

FIRST, LAST = "first", "last"
"""What a sentence may name besides its rule's own numbers: the first and last day that the phase counts."""


class Outcome(StrEnum):
    """What a rule says."""

    PASSED = "passed"
    WARNED = "warned"
    REFUSED = "refused"
    UNKNOWN = "unknown"


_NAMED = re.compile(r"%\(\w+\)s|%%")
_NOT_MET = {RuleOutcome.REFUSE.value: Outcome.REFUSED, RuleOutcome.WARN.value: Outcome.WARNED}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one version of a rule says about an initiative.

    ``rule`` and ``reason`` are stable codes; ``field`` is the input at fault, empty if there is none; ``message`` and
    ``source`` are texts in the reader's language, decided when they are shown.
    """

    rule: str
    version: int
    outcome: Outcome
    field: str
    message: Message
    source: Message
    reason: str


def rules_in_force(programme: Programme, at: datetime) -> list[EligibilityRule]:
    """Return the version of every rule that is in force at the moment ``at``, in the programme's order: one query."""
    return list(
        EligibilityRule.objects.filter(programme=programme, effective_at__lte=at)
        .filter(Q(ended_at__isnull=True) | Q(ended_at__gt=at))
        .order_by("position", "code")
    )


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule at a moment: the version in force, those before it (newest first) and those announced (soonest first)."""

    rule: EligibilityRule
    former: list[EligibilityRule]
    announced: list[EligibilityRule]


def conditions(programme: Programme, at: datetime) -> list[Condition]:
    """Return every rule in force at the moment ``at`` with its other versions, in the programme's order: one query."""
    versions = list(EligibilityRule.objects.filter(programme=programme).order_by("version"))
    in_force = [rule for rule in versions if rule.effective_at <= at and (rule.ended_at is None or at < rule.ended_at)]
    return [
        Condition(
            rule=rule,
            former=[v for v in reversed(versions) if v.code == rule.code and v.version < rule.version],
            announced=[v for v in versions if v.code == rule.code and v.version > rule.version],
        )
        for rule in sorted(in_force, key=lambda rule: (rule.position, rule.code))
    ]


def evaluate(rules: Iterable[EligibilityRule], phase: Phase | None, facts: Facts) -> list[Finding]:
    """Return what each rule says, in the order given. Pure: no query, no clock.

    ``phase`` is the phase that takes the initiative, None if none is open: that is refused whatever the rules are.
    """
    findings = [_finding(rule, phase, _outcome(rule, phase, facts)) for rule in rules]
    if phase is None and not any(f.outcome == Outcome.REFUSED and f.rule == "phase_open" for f in findings):
        findings.insert(0, _CLOSED)
    return findings


def as_record(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return what is stored with an initiative: which rule, which version, what it said."""
    return [{"rule": f.rule, "version": f.version, "outcome": str(f.outcome)} for f in findings]


def findings_of(programme: Programme, phase: Phase | None, record: Sequence[dict[str, Any]]) -> list[Finding]:
    """Return stored findings with the sentences of the versions that said them: one query."""
    versions = {(rule.code, rule.version): rule for rule in EligibilityRule.objects.filter(programme=programme)}
    return [
        _finding(rule, phase, Outcome(kept["outcome"])) if rule else _CLOSED
        for kept in record
        for rule in [versions.get((kept["rule"], kept["version"]))]
    ]


def read_sentence(rule: EligibilityRule, phase: Phase | None) -> str:
    """Return the rule's sentence in the reader's language, with its numbers and the days of the phase filled in."""
    language = get_language() or ""
    days = (phase.applied_from, phase.applied_until) if phase else None
    first, last = (format_date(day, language) for day in days) if days else ("…", "…")
    return rule.sentence % {**rule.parameters, FIRST: first, LAST: last}


def reads_well(sentence: str, parameters: Mapping[str, Any]) -> bool:
    """Say whether a rule's sentence can be filled in with its parameters and the days of a phase."""
    if "%" in _NAMED.sub("", sentence):  # an unnamed one would take everything
        return False
    try:
        return bool(sentence % {**parameters, FIRST: "", LAST: ""})
    except KeyError:
        return False


def _outcome(rule: EligibilityRule, phase: Phase | None, facts: Facts) -> Outcome:
    met = CHECKS[rule.check_name].run(facts, phase, rule.parameters)
    if met is None:
        return Outcome.UNKNOWN
    return Outcome.PASSED if met else _NOT_MET[rule.outcome]


def _finding(rule: EligibilityRule, phase: Phase | None, outcome: Outcome) -> Finding:
    return Finding(
        rule=rule.code,
        version=rule.version,
        outcome=outcome,
        field=rule.field,
        message=_sentence(rule, phase),
        source=_source(rule),
        reason=rule.reason,
    )


def _source_of(rule: EligibilityRule) -> str:
    return rule.source


_sentence = lazy(read_sentence, str)
_source = lazy(_source_of, str)

_CLOSED = Finding(
    rule="phase_open",
    version=0,  # no version of a rule: it holds without any
    outcome=Outcome.REFUSED,
    field="",
    message=_("Submissions are closed at the moment: no phase of the programme is open."),
    source="",
    reason="phase_closed",
)
