"""What a cut-off report is made of: plain data, so that it can be written down as text, JSON or a document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import get_language

from sangkien.people.categories import Category
from sangkien.programmes.models import Basis
from sangkien.tally.figures import Counts


@dataclass(frozen=True, slots=True)
class Label:
    """A code and the names that go with it; the short ones are the full ones where there are none."""

    code: str
    name_vi: str
    name_en: str
    short_vi: str
    short_en: str

    @property
    def name(self) -> str:
        """The full name in the reader's language."""
        return self.name_en if get_language() == "en" else self.name_vi

    @property
    def short_name(self) -> str:
        """The short name in the reader's language."""
        return self.short_en if get_language() == "en" else self.short_vi


@dataclass(frozen=True, slots=True)
class Result:
    """A count against a target. ``percent`` is cut to one decimal; ``excess`` is below zero while short of it."""

    basis: Basis
    value: int
    percent: Decimal
    excess: int

    @property
    def is_met(self) -> bool:
        """Whether the target has been reached."""
        return self.excess >= 0


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """One category of principal authors. ``share_percent`` is whole, rounded half-up."""

    category: Category
    count: int
    share_percent: int


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit. ``rank`` is among all units, ``rank_in_cluster`` in its own, both by what it has submitted in all.

    ``counts`` are those of the whole programme, ``phase_counts`` those of the report's phase.
    """

    unit: Label
    rank: int
    rank_in_cluster: int
    rank_change: int | None
    counts: Counts
    phase_counts: Counts
    phase_result: Result | None
    programme_result: Result | None


@dataclass(frozen=True, slots=True)
class ClusterLine:
    """One cluster or block (``cluster`` None: units in none).

    ``leading`` has submitted most in the phase (None while nobody has submitted anything); ``met`` says how many units
    have reached their target of the phase.
    """

    cluster: Label | None
    phase_counts: Counts
    met: int
    leading: Label | None
    units: tuple[UnitLine, ...]


@dataclass(frozen=True, slots=True)
class CutoffReport:
    """A phase of a programme at a cut-off.

    ``as_of`` and ``known_at`` are UTC and exclusive; ``asked`` is the cut-off asked for where figures are not yet final
    up to it, else None. ``total`` and ``result`` are of the whole programme, ``phase_total`` and ``phase_result`` of
    the phase. ``met_on`` is the Vietnamese day on which the phase's target was reached, ``days_early`` how many days
    before the last day of the phase. ``own`` is what the owner has entered itself in the phase: the clusters and it add
    up to ``phase_total``. ``raised`` are the units that have raised their registered target of the phase and still
    exceeded it.
    """

    programme: Label
    notice_vi: str
    notice_en: str
    owner: Label
    phase_number: int
    phase: Label
    opens_at: datetime
    closes_at: datetime
    as_of: datetime
    known_at: datetime
    asked: datetime | None
    total: Counts
    phase_total: Counts
    result: Result | None
    phase_result: Result | None
    met_on: date | None
    days_early: int | None
    categories: tuple[CategoryLine, ...]
    clusters: tuple[ClusterLine, ...]
    own: Counts
    units_met_phase: tuple[Label, ...]
    units_met_programme: tuple[Label, ...]
    raised: tuple[Label, ...]

    @property
    def unit_count(self) -> int:
        """How many units there are."""
        return sum(len(line.units) for line in self.clusters)

    @property
    def is_over(self) -> bool:
        """Whether the phase had closed by the cut-off."""
        return self.as_of >= self.closes_at

    @property
    def notice(self) -> str:
        """What must be known about this programme's data, in the reader's language."""
        return self.notice_en if get_language() == "en" else self.notice_vi
