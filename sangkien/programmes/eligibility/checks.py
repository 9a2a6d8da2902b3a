"""The checks that rules name: pure functions of what is known about an initiative.

A check answers True (met), False (not met) or None (it cannot be told yet). Versions of rules name checks for ever, so
a check never changes its meaning and never goes: what should be checked differently is a new check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sangkien.core.clock import day_of
from sangkien.programmes.models import Phase

Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at. None: not known yet. An empty text: known, and left empty.

    ``applied_on`` and ``recognised_on`` are Vietnamese days, ``kind`` the code of a kind of solution, ``at`` the
    moment of sending (aware).
    """

    applied_on: date | None = None
    recognised_by: str | None = None
    recognition_document: str | None = None
    recognised_on: date | None = None
    is_ip_protected: bool | None = None
    kind: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A check, and the parameters that a rule must give it, each with what it must be."""

    run: Callable[[Facts, Phase | None, Parameters], bool | None]
    parameters: Mapping[str, Callable[[object], bool]] = field(default_factory=dict)

    def takes(self, parameters: object) -> bool:
        """Say whether these are the parameters that the check needs, each usable."""
        if not isinstance(parameters, dict) or set(parameters) != set(self.parameters):
            return False
        return all(is_usable(parameters[name]) for name, is_usable in self.parameters.items())


def _phase_open(facts: Facts, phase: Phase | None, parameters: Parameters) -> bool | None:
    """A phase takes it: the one that is open, or the one that took it first when it is sent again."""
    return phase is not None


def _kind_counts(facts: Facts, phase: Phase | None, parameters: Parameters) -> bool | None:
    return None if not facts.kind else facts.kind in parameters["kinds"]


def _applied_in_window(facts: Facts, phase: Phase | None, parameters: Parameters) -> bool | None:
    if facts.applied_on is None or phase is None:
        return None
    return phase.applied_from <= facts.applied_on <= phase.applied_until


def _applied_by_now(facts: Facts, phase: Phase | None, parameters: Parameters) -> bool | None:
    return _not_after(facts.applied_on, _today(facts))


def _recognised(facts: Facts, phase: Phase | None, parameters: Parameters) -> bool | None:
    return None if facts.recognised_by is None else bool(facts.recognised_by.strip())


def _recognised_by_now(facts: Facts, phase: Phase | None, parameters: Parameters) -> bool | None:
    return _not_after(facts.recognised_on, _today(facts))


def _applied_before_recognised(facts: Facts, phase: Phase | None, parameters: Parameters) -> bool | None:
    return _not_after(facts.applied_on, facts.recognised_on)


def _asked_in_time(facts: Facts, phase: Phase | None, parameters: Parameters) -> bool | None:
    """Recognition was asked for in time for sure: it was given, or is asked for now, within the years."""
    asked = facts.recognised_on or _today(facts)
    if facts.applied_on is None or asked is None:
        return None
    return asked <= years_later(facts.applied_on, parameters["years"])


def _document_given(facts: Facts, phase: Phase | None, parameters: Parameters) -> bool | None:
    return None if facts.recognition_document is None else bool(facts.recognition_document.strip())


def _not_ip_protected(facts: Facts, phase: Phase | None, parameters: Parameters) -> bool | None:
    return None if facts.is_ip_protected is None else not facts.is_ip_protected


def _today(facts: Facts) -> date | None:
    return None if facts.at is None else day_of(facts.at)


def _not_after(first: date | None, last: date | None) -> bool | None:
    return None if first is None or last is None else first <= last


def years_later(day: date, years: int) -> date:
    """Return the same day ``years`` later; 29 February of a year that has none is 28 February."""
    if day.year + years > date.max.year:
        return date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _is_years(value: object) -> bool:
    return type(value) is int and 1 <= value <= 99


def _is_list_of_codes(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(code, str) and code for code in value)


CHECKS: dict[str, Check] = {
    "phase_open": Check(_phase_open),
    "kind_counts": Check(_kind_counts, {"kinds": _is_list_of_codes}),
    "applied_in_window": Check(_applied_in_window),
    "applied_by_now": Check(_applied_by_now),
    "recognised": Check(_recognised),
    "recognised_by_now": Check(_recognised_by_now),
    "applied_before_recognised": Check(_applied_before_recognised),
    "asked_in_time": Check(_asked_in_time, {"years": _is_years}),
    "document_given": Check(_document_given),
    "not_ip_protected": Check(_not_ip_protected),
}
"""Every check by the name that rules give it."""
