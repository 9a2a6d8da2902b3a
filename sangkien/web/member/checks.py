"""What the programme's rules say about what stands in the form, while somebody is still typing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sangkien.core.errors import InvalidInput
from sangkien.programmes.eligibility import Facts, Finding, Outcome, evaluate, rules_in_force
from sangkien.programmes.models import EligibilityRule, Phase, Programme
from sangkien.programmes.queries import open_phase
from sangkien.web.member.forms import SubmissionForm

HEADINGS: dict[Outcome, str | Promise] = {
    Outcome.WARNED: _("Please look at this again"),
    Outcome.REFUSED: _("As it stands, it cannot be counted"),
}


@dataclass(frozen=True, slots=True)
class Basis:
    """What an initiative is held against: the phase that takes it (None: none is open) and the rules at a moment."""

    phase: Phase | None
    rules: list[EligibilityRule]
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """A remark beside an input. ``look`` is the end of its class: ``fix`` (may go on) or ``no`` (may not)."""

    look: str
    heading: str | Promise
    message: str | Promise
    source: str | Promise = ""

    def as_json(self) -> dict[str, str]:
        """Return the texts in the reader's language."""
        return {name: str(getattr(self, name)) for name in ("look", "heading", "message", "source")}


Notes = dict[str, list[Note]]


def basis_of(programme: Programme, at: datetime, phase: Phase | None = None) -> Basis:
    """Return what counts at ``at``; ``phase`` is the one that took the initiative first when it is corrected."""
    return Basis(phase or open_phase(programme, at), rules_in_force(programme, at), at)


def notes_on(form: SubmissionForm, basis: Basis, touched: Collection[str]) -> Notes:
    """Return what is to be said at the inputs that have been filled in: errors of the form, and what rules say."""
    notes: Notes = {}
    errors = form.errors  # asking for them checks the form
    for name in touched:
        for error in errors.get(name, []):
            notes.setdefault(name, []).append(Note("no", "", str(error)))
    against = _against(form, basis)
    refused = {finding.field for finding in against if finding.outcome == Outcome.REFUSED}
    for finding in against:
        is_worst = finding.outcome == Outcome.REFUSED or finding.field not in refused
        if finding.field in touched and finding.field not in errors and is_worst:
            look = "no" if finding.outcome == Outcome.REFUSED else "fix"
            note = Note(look, HEADINGS[finding.outcome], finding.message, finding.source)
            notes.setdefault(finding.field, []).append(note)
    return notes


def warnings_on(form: SubmissionForm, basis: Basis) -> Notes:
    """Return what may be looked at again, at its inputs."""
    notes = notes_on(form, basis, {name for name in form.fields if form.typed.get(name)})
    return {name: [note for note in found if note.look == "fix"] for name, found in notes.items()}


def refuse_by_rules(form: SubmissionForm, basis: Basis) -> None:
    """Say at the inputs of a form that has faults what the rules refuse as well, so that all is said at once."""
    for finding in _against(form, basis):
        if finding.outcome == Outcome.REFUSED and finding.field not in form.errors:
            form.refuse(InvalidInput(finding.message, code=finding.reason or finding.rule, field=finding.field or None))


def _against(form: SubmissionForm, basis: Basis) -> list[Finding]:
    """Return what speaks against the initiative as far as it is known. Nothing that is empty is held against it yet."""
    known: dict[str, Any] = {
        name: form.cleaned_data.get(name) or None
        for name in ("applied_on", "recognised_by", "recognition_document", "recognised_on", "is_ip_protected", "kind")
    }
    found = evaluate(basis.rules, basis.phase, Facts(**known, at=basis.at))
    return [finding for finding in found if finding.outcome in HEADINGS]
