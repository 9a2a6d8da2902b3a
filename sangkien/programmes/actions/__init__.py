"""What people do with programmes: set targets, revise the rules of eligibility and the terms of verification."""

from sangkien.programmes.actions.eligibility import MAX_REASON, NOTICE, revise_rule
from sangkien.programmes.actions.targets import (
    MAX_DOCUMENT,
    MAX_TARGET,
    Seen,
    TargetsChanged,
    carry_targets,
    set_target,
    spread_targets,
)
from sangkien.programmes.actions.verification import TermsChanged, revise_verification_terms

__all__ = [
    "MAX_DOCUMENT",
    "MAX_REASON",
    "MAX_TARGET",
    "NOTICE",
    "Seen",
    "TargetsChanged",
    "TermsChanged",
    "carry_targets",
    "revise_rule",
    "revise_verification_terms",
    "set_target",
    "spread_targets",
]
