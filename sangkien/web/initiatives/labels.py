"""What the parts of an initiative are called on its page, in an officer's request and in what an author has to do."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FIELD_LABELS: dict[str, str | Promise] = {
    "title": _("Title of the initiative"),
    "kind": _("Kind of solution"),
    "field": _("Field of work"),
    "problem": _("Problem"),
    "solution": _("Solution"),
    "novelty": _("What is new"),
    "conditions": _("What it takes to apply it"),
    "applied_scope": _("Where it is applied"),
    "applicable_scope": _("Where it could be applied"),
    "confidential_parts": _("Confidential parts"),
    "award": _("Award"),
    "applied_on": _("Day of first use"),
    "recognised_by": _("Recognised by"),
    "recognition_document": _("Number of the decision"),
    "recognised_on": _("Day of the decision"),
    "benefit_claimed": _("Benefit in the first year, in đồng"),
    "no_benefit_reason": _("Why the benefit cannot be computed"),
    "social_benefit": _("Social benefit"),
    "is_ip_protected": _("Intellectual-property protection"),
    "authors": _("Authors"),
    "unit": _("Unit"),
    "attachments": _("Files"),
}
"""The parts that an officer can ask about: inputs of ``InitiativeContent``, and what is not one of them."""


def asked_list(asked: Mapping[str, str]) -> list[tuple[str | Promise, str]]:
    """Return what an officer asked for as (what the part is called, what is wanted), in the order of the page."""
    return [(FIELD_LABELS[name], asked[name]) for name in FIELD_LABELS if name in asked]
