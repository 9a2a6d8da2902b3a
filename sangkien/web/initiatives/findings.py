"""What the rules of the programme said when an initiative was sent, as its people and officers read it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sangkien.initiatives import queries
from sangkien.initiatives.models import Initiative
from sangkien.programmes import eligibility
from sangkien.programmes.eligibility import Outcome

OUTCOMES: dict[Outcome, tuple[str | Promise, str, str]] = {
    Outcome.PASSED: (_("met"), "rule-ok", "check"),
    Outcome.WARNED: (_("to be looked at"), "rule-fix", "warn"),
    Outcome.REFUSED: (_("not met"), "rule-no", "x"),
    Outcome.UNKNOWN: (_("not known"), "rule-fix", "warn"),
}
"""How an outcome is said and drawn: word, class of the line, icon."""


@dataclass(frozen=True, slots=True)
class FindingLine:
    """What one version of a rule said."""

    rule: str
    version: int
    sentence: str | Promise
    source: str | Promise
    outcome: str | Promise
    look: str
    icon: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What all rules said: ``met`` are the conditions that hold, ``open`` those that somebody has to look at."""

    open: list[FindingLine]
    met: list[FindingLine]


def findings_of(initiative: Initiative) -> Findings | None:
    """Return what the rules said when the initiative was last sent; None when nothing was recorded."""
    record = queries.eligibility_of(initiative)
    if not record:
        return None
    found = eligibility.findings_of(initiative.programme, initiative.phase, record)
    lines = [
        (FindingLine(one.rule, one.version, one.message, one.source, *OUTCOMES[one.outcome]), one.outcome)
        for one in found
    ]
    return Findings(
        open=[line for line, outcome in lines if outcome != Outcome.PASSED],
        met=[line for line, outcome in lines if outcome == Outcome.PASSED],
    )
