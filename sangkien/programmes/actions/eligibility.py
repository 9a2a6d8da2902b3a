"""What people do with rules of eligibility: put a new version in the place of one, or add one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.audit.actions import record
from sangkien.core.errors import InvalidInput, NotAllowed
from sangkien.core.moments import event_moment
from sangkien.people.models import Person
from sangkien.programmes.eligibility import CHECKS, RuleText, reads_well
from sangkien.programmes.models import EligibilityRule, Programme, RuleOutcome
from sangkien.programmes.rules import may_revise_rules

MAX_REASON = 500
NOTICE = timedelta(seconds=10)
"""How long before it takes effect a change of a rule is in the database, so that nobody decides by the former then."""


@transaction.atomic
def revise_rule(
    *, actor: Person, programme: Programme, rule: RuleText, reason: str, effective_at: datetime | None = None
) -> EligibilityRule:
    """Put a new version of a rule in the place of the one with its code, or add a rule that there was not.

    In force from ``effective_at`` (UTC; as soon as can be if left out), never for what was sent before. Raises
    NotAllowed and InvalidInput.
    """
    # One change of a programme's rules at a time, and its moment after the lock.
    programme = Programme.objects.select_for_update(of=["self"]).select_related("owner").get(pk=programme.pk)
    at = event_moment()
    if not may_revise_rules(actor, programme, at):
        raise NotAllowed
    _check_rule(rule)
    former = EligibilityRule.objects.filter(programme=programme, code=rule.code, ended_at__isnull=True).first()
    since = _since(effective_at, at, former)
    if former is not None:
        former.ended_at = since
        former.save(update_fields=["ended_at"])
    added = EligibilityRule.objects.create(
        programme=programme,
        version=former.version + 1 if former else 1,
        effective_at=since,
        recorded_at=at,
        recorded_by=actor,
        change_reason=_clean_reason(reason),
        **rule.values(),
    )
    record(
        actor=actor,
        at=at,
        action="rule.revise",
        subject_kind="programme",
        subject=programme.code,
        unit_path=programme.owner.path,
        details={
            "rule": added.code,
            "version": added.version,
            "outcome": added.outcome,
            "parameters": added.parameters,
            "effective_at": since.isoformat(),
        },
    )
    return added


def _since(asked: datetime | None, at: datetime, former: EligibilityRule | None) -> datetime:
    """Return when a change takes effect. Raises InvalidInput for the past, or before the version that it replaces."""
    earliest = max(at, former.effective_at) + NOTICE if former else at + NOTICE
    if asked is None:
        return earliest
    if asked < earliest:
        raise InvalidInput(
            _("A rule changes from now on, and after the change that was announced last."),
            code="effective_too_early",
            field="effective_at",
        )
    return asked


def _clean_reason(reason: str) -> str:
    """Return why a rule changes. Raises InvalidInput."""
    reason = reason.strip()
    if not 0 < len(reason) <= MAX_REASON:
        raise InvalidInput(_("Say in one sentence why the rule changes."), code="reason_needed", field="reason")
    return reason


_TEXTS = {"sentence_vi": 1000, "sentence_en": 1000, "source_vi": 300, "source_en": 300}


def _check_rule(rule: RuleText) -> None:
    """Raise InvalidInput unless the engine can ask this rule and say it in both languages."""
    check = CHECKS.get(rule.check_name)
    if check is None:
        raise InvalidInput(_("There is no such check."), code="unknown_check", field="check_name")
    if not check.takes(rule.parameters):
        raise InvalidInput(_("The check cannot use these numbers."), code="bad_parameters", field="parameters")
    if rule.outcome not in RuleOutcome.values:
        raise InvalidInput(_("A rule refuses or warns."), code="unknown_outcome", field="outcome")
    for name, limit in _TEXTS.items():
        if not 0 < len(getattr(rule, name).strip()) <= limit:
            raise InvalidInput(_("Say it in both languages."), code="text_needed", field=name)
    for name in ("sentence_vi", "sentence_en"):
        if not reads_well(getattr(rule, name), rule.parameters):
            raise InvalidInput(
                _("The sentence names something that the rule does not know."), code="bad_sentence", field=name
            )
