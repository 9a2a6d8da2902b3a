"""Is an initiative eligible: the programme's rules as data with versions, and the engine that asks them.

A rule names a check (``checks``), a pure function of the facts; its sentence, its source and what follows are data
that the programme changes by a new version. ``evaluate`` is pure and quick, so the form asks while a person types,
and the action asks again when the initiative is sent and stores what the rules said (``as_record``).
"""

from sangkien.programmes.eligibility.checks import CHECKS, Facts
from sangkien.programmes.eligibility.engine import (
    Condition,
    Finding,
    Outcome,
    as_record,
    conditions,
    evaluate,
    findings_of,
    read_sentence,
    reads_well,
    rules_in_force,
)
from sangkien.programmes.eligibility.standard import STANDARD_RULES, RuleText, install_standard_rules

__all__ = [
    "CHECKS",
    "STANDARD_RULES",
    "Condition",
    "Facts",
    "Finding",
    "Outcome",
    "RuleText",
    "as_record",
    "conditions",
    "evaluate",
    "findings_of",
    "install_standard_rules",
    "read_sentence",
    "reads_well",
    "rules_in_force",
]
