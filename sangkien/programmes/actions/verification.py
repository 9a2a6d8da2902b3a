"""What people do with the terms of verification: put new ones in the place of those in force."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sangkien.audit.actions import record
from sangkien.core.errors import Conflict, InvalidInput, NotAllowed, gathered, refuse
from sangkien.core.moments import event_moment
from sangkien.core.vietnamese import normalise
from sangkien.people.models import Person
from sangkien.programmes.actions.eligibility import MAX_REASON
from sangkien.programmes.models import Programme, VerificationTerms
from sangkien.programmes.rules import may_revise_rules
from sangkien.programmes.verification import verification_terms

MAX_DAYS = 365
MAX_SECOND_BENEFIT = 9_000_000_000_000_000
TERMS = ("due_days", "appeal_days", "second_share", "second_benefit")
"""What the terms say."""


class TermsChanged(Conflict):
    """Somebody has changed the terms since they were read; ``terms`` are those in force now."""

    code = "terms_changed"
    default_message = _("Somebody has changed these settings in the meantime. Nothing was changed.")

    def __init__(self, terms: VerificationTerms) -> None:
        super().__init__()
        self.terms = terms


@transaction.atomic
def revise_verification_terms(
    *,
    actor: Person,
    programme: Programme,
    due_days: int,
    appeal_days: int,
    second_share: int,
    second_benefit: int | None,
    reason: str,
    expected: int | None = None,
) -> VerificationTerms:
    """Set how initiatives of a programme are verified from now on; what was decided keeps the terms of its day.

    ``expected`` is the id of the terms that the actor saw, 0 if none had been set. Raises NotAllowed, TermsChanged, and
    InvalidInput with everything that is wrong, also when nothing would change.
    """
    # One change of a programme's terms at a time, and its moment after the lock.
    programme = Programme.objects.select_for_update(of=["self"]).select_related("owner").get(pk=programme.pk)
    at = event_moment()
    if not may_revise_rules(actor, programme, at):
        raise NotAllowed
    former = verification_terms(programme, at)
    if expected is not None and expected != (former.pk or 0):
        raise TermsChanged(former)
    terms = VerificationTerms(
        programme=programme,
        due_days=due_days,
        appeal_days=appeal_days,
        second_share=second_share,
        second_benefit=second_benefit,
        effective_at=at,
        recorded_by=actor,
        change_reason=_checked(former, due_days, appeal_days, second_share, second_benefit, reason),
    )
    if former.pk is not None:
        former.ended_at = at
        former.save(update_fields=["ended_at"])
    terms.save(force_insert=True)
    record(
        actor=actor,
        at=at,
        action="revise_verification_terms",
        subject_kind="programme",
        subject=programme.code,
        unit_path=programme.owner.path,
        details={name: getattr(terms, name) for name in TERMS}
        | {"before": {name: getattr(former, name) for name in TERMS}, "reason": terms.change_reason},
    )
    return terms


def _checked(
    former: VerificationTerms,
    due_days: int,
    appeal_days: int,
    second_share: int,
    second_benefit: int | None,
    reason: str,
) -> str:
    """Return the cleaned reason. Raises InvalidInput with everything that is wrong."""
    faults: list[InvalidInput] = []
    for name, days in (("due_days", due_days), ("appeal_days", appeal_days)):
        if not 1 <= days <= MAX_DAYS:
            faults.append(InvalidInput(_("A number of days from 1 to 365."), code="out_of_range", field=name))
    if not 0 <= second_share <= 100:
        faults.append(InvalidInput(_("A share in percent, from 0 to 100."), code="out_of_range", field="second_share"))
    if second_benefit is not None and not 0 <= second_benefit <= MAX_SECOND_BENEFIT:
        faults.append(InvalidInput(_("An amount in đồng, not below 0."), code="out_of_range", field="second_benefit"))
    with gathered(faults):
        reason = _clean_reason(reason)
    if not faults and (due_days, appeal_days, second_share, second_benefit) == tuple(
        getattr(former, name) for name in TERMS
    ):
        faults.append(InvalidInput(_("This is how it is now: nothing would change."), code="unchanged"))
    refuse(faults)
    return reason


def _clean_reason(reason: str) -> str:
    """Return why the terms change. Raises InvalidInput."""
    reason = normalise(reason)
    if not 0 < len(reason) <= MAX_REASON:
        raise InvalidInput(_("Say in one sentence why they change."), code="reason_needed", field="reason")
    return reason
