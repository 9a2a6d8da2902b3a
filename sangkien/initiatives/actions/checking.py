"""What must hold when an initiative is sent: its content, its authors, its unit, and the programme's rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from sangkien.core.clock import day_of
from sangkien.core.errors import InvalidInput, gathered, refuse
from sangkien.initiatives.inputs import AuthorInput, InitiativeContent, clean_authors, clean_content
from sangkien.programmes.eligibility import Facts, Finding, Outcome, as_record, evaluate
from sangkien.programmes.models import EligibilityRule, Phase
from sangkien.units.models import Unit
from sangkien.units.queries import is_open_on


class Checked(NamedTuple):
    """What may be stored: cleaned content and authors, the phase that takes it, and what the rules said."""

    content: InitiativeContent
    authors: list[AuthorInput]
    phase: Phase
    findings: list[dict[str, Any]]


def checked(
    *,
    phase: Phase | None,
    rules: Sequence[EligibilityRule],
    content: InitiativeContent,
    authors: Sequence[AuthorInput],
    unit: Unit | None,
    at: datetime,
) -> Checked:
    """Check what is being sent at ``at`` into ``phase`` under these rules.

    ``unit`` is the one chosen now, None if it stays as it was. Raises InvalidInput (InvalidInputs) with everything
    that is wrong at once.
    """
    faults: list[InvalidInput] = []
    with gathered(faults):
        content = clean_content(content)
    cleaned: list[AuthorInput] = []
    with gathered(faults):
        cleaned = clean_authors(authors)
    if unit is not None and not is_open_on(unit, day_of(at)):
        message = _("This unit has closed; choose the one that followed it.")
        faults.append(InvalidInput(message, code="unit_closed", field="unit"))
    findings = evaluate(rules, phase, facts_of(content, at))
    at_fault = {fault.field for fault in faults}
    faults += [_refusal(f) for f in findings if f.outcome == Outcome.REFUSED and f.field not in at_fault]
    refuse(faults)
    assert phase is not None  # without one the engine refuses
    return Checked(content, cleaned, phase, as_record(findings))


def facts_of(content: InitiativeContent, at: datetime) -> Facts:
    """Return what the programme's rules look at."""
    return Facts(
        applied_on=content.applied_on,
        recognised_by=content.recognised_by,
        recognition_document=content.recognition_document,
        recognised_on=content.recognised_on,
        is_ip_protected=content.is_ip_protected,
        kind=content.kind,
        at=at,
    )


def _refusal(finding: Finding) -> InvalidInput:
    return InvalidInput(finding.message, code=finding.reason or finding.rule, field=finding.field or None)
