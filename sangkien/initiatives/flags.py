"""What an officer should look at before deciding: bits of ``Flag``, worked out when an initiative is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sangkien.initiatives.models import Flag, Initiative
from sangkien.initiatives.norms import is_large
from sangkien.programmes.eligibility import Outcome
from sangkien.programmes.models import EligibilityRule

ABOUT_DOCUMENT = "document_given"
"""The check whose rules warn of a missing document: they have a flag of their own."""


def flags_of(initiative: Initiative, findings: Sequence[Mapping[str, Any]], rules: Sequence[EligibilityRule]) -> int:
    """Return the flags of an initiative that is being sent, whose files are not known yet.

    ``findings`` are what ``rules`` said (``{rule, version, outcome}``). What the principal author said stays as it is.
    """
    flags = initiative.flags & Flag.OBJECTED
    about_document = {rule.code for rule in rules if rule.check_name == ABOUT_DOCUMENT}
    if any(f["outcome"] == Outcome.WARNED and f["rule"] not in about_document for f in findings):
        flags |= Flag.ELIGIBILITY
    if not initiative.recognition_document:
        flags |= Flag.NO_DOCUMENT
    return flags | _of_benefit(initiative)


def look_at_benefit(initiative: Initiative) -> None:
    """Have the flag of a large benefit say what is claimed by now; the caller saves it. Mostly no query."""
    initiative.flags = initiative.flags & ~Flag.LARGE_BENEFIT | _of_benefit(initiative)


def look_at_files(initiative: Initiative) -> None:
    """Take the document as given if the initiative, which is locked, has files. At most a query each."""
    if initiative.flags & Flag.NO_DOCUMENT and initiative.attachments.exists():
        initiative.flags &= ~Flag.NO_DOCUMENT
        Initiative.objects.filter(pk=initiative.pk).update(flags=initiative.flags)


def _of_benefit(initiative: Initiative) -> int:
    """Return the flag of a large benefit, or 0."""
    large = is_large(initiative.programme_id, initiative.field_id, initiative.benefit_claimed)
    return Flag.LARGE_BENEFIT if large else 0
