"""What the tally answers with: figures that carry their moments, and percentages that carry their target."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sangkien.core.numbers import progress_percent
from sangkien.people.categories import Category
from sangkien.programmes.models import Basis, Phase, Programme
from sangkien.programmes.queries import TargetInForce
from sangkien.units.models import Cluster, Unit


class Tree(StrEnum):
    """Which tree of units the figures of a unit are added up by.

    ``THEN``: as it stood, what was counted for a unit stays with it. ``TODAY``: what was counted for a unit counts for
    what has followed it by now, at every moment that is asked for. It changes with each reorganisation.
    """

    THEN = "then"
    TODAY = "today"


@dataclass(frozen=True, slots=True)
class Counts:
    """The seven figures. Benefits are whole đồng: claimed over all submitted, verified over the valid."""

    submitted: int = 0
    valid: int = 0
    invalid: int = 0
    returned: int = 0
    withdrawn: int = 0
    benefit_claimed: int = 0
    benefit_verified: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Add figure by figure."""
        return Counts(  # written out, because a board adds a thousand times
            self.submitted + other.submitted,
            self.valid + other.valid,
            self.invalid + other.invalid,
            self.returned + other.returned,
            self.withdrawn + other.withdrawn,
            self.benefit_claimed + other.benefit_claimed,
            self.benefit_verified + other.benefit_verified,
        )

    def __neg__(self) -> Counts:
        """Return every figure with the other sign."""
        return Counts(*(-getattr(self, name) for name in FIGURE_NAMES))

    @property
    def waiting(self) -> int:
        """How many still wait for a decision."""
        return self.submitted - self.valid - self.invalid - self.returned - self.withdrawn


FIGURE_NAMES: tuple[str, ...] = tuple(f.name for f in fields(Counts))


@dataclass(frozen=True, slots=True)
class Moments:
    """The moments of an answer, all UTC.

    ``as_of`` is the cut-off that was used (exclusive); ``published`` is the newest moment for which figures are final;
    ``asked`` is what was asked for, or None for "now". ``known_now`` says that what is known at ``published`` about
    what was submitted before ``as_of`` is answered, instead of what was known at ``as_of``.
    """

    as_of: datetime
    published: datetime
    asked: datetime | None = None
    known_now: bool = False

    @property
    def known_at(self) -> datetime:
        """Up to which moment decisions are taken into account (UTC, exclusive)."""
        return self.published if self.known_now else self.as_of

    @property
    def is_earlier_than_asked(self) -> bool:
        """Whether the answer had to stop at the published moment, before what was asked for."""
        return self.asked is not None and self.as_of < self.asked


@dataclass(frozen=True, slots=True)
class TargetProgress:
    """Progress of a count towards one target. ``phase`` is None for the whole programme."""

    target: TargetInForce
    phase: Phase | None
    count: int

    @property
    def basis(self) -> Basis:
        """Who set the target."""
        return Basis(self.target.basis)

    @property
    def value(self) -> int:
        """The target."""
        return self.target.value

    @property
    def progress_percent(self) -> Decimal:
        """Truncated to one decimal: 232.3 is 232,3 %."""
        percent = progress_percent(self.count, self.value)
        assert percent is not None  # the database holds that a target is above zero
        return percent

    @property
    def excess(self) -> int:
        """Count less target: below zero while short of it."""
        return self.count - self.value

    @property
    def is_met(self) -> bool:
        """Whether the count has reached the target."""
        return self.count >= self.value


@dataclass(frozen=True, slots=True)
class CategoryShare:
    """One category's part of the total. ``share_percent`` is whole, rounded half-up; shares need not add up to 100."""

    category: Category
    count: int
    share_percent: int


@dataclass(frozen=True, slots=True)
class PhaseProgress:
    """A phase as of a moment, for one unit.

    ``progress`` is towards the headline target (registered if there is one, else assigned), None without a target.
    ``met_on`` is the Vietnamese day on which the count first reached that target, None while short of it;
    ``days_early`` is how many days before the last day of the phase that was.
    """

    phase: Phase
    counts: Counts
    progress: TargetProgress | None
    met_on: date | None
    days_early: int | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A programme (or one unit's part of it) at a moment."""

    programme: Programme
    unit: Unit
    moments: Moments
    counts: Counts
    progress: TargetProgress | None
    phase: PhaseProgress | None
    phases: tuple[PhaseProgress, ...]
    categories: tuple[CategoryShare, ...]
    tree: Tree = Tree.THEN


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One unit on a board.

    ``rank`` is among the whole board by submitted count (equal counts share it); ``rank_in_group`` the same inside its
    cluster; ``rank_change`` is places gained since ``Board.since`` (above zero: up), None if it was not on the board
    then. ``phase_counts`` are those of the board's phase, ``counts`` those of the whole programme. ``targets`` holds
    every target in force at the moment: of the board's phase first, then of the whole programme.
    """

    unit: Unit
    rank: int
    rank_in_group: int
    rank_change: int | None
    counts: Counts
    phase_counts: Counts
    targets: tuple[TargetProgress, ...]
    cluster: Cluster | None

    @property
    def phase_progress(self) -> TargetProgress | None:
        """Progress towards the headline target of the phase: registered if there is one, else assigned."""
        return headline(self.targets, in_phase=True)

    @property
    def programme_progress(self) -> TargetProgress | None:
        """Progress towards the target assigned for the whole programme (registered where nothing is assigned)."""
        return programme_headline(self.targets)


@dataclass(frozen=True, slots=True)
class BoardGroup:
    """The rows of one cluster or block (``cluster`` None: units in no cluster), ranked within it, with their sum."""

    cluster: Cluster | None
    rows: tuple[BoardRow, ...]
    counts: Counts
    phase_counts: Counts
    met: int
    """How many of the rows have met their headline target of the phase."""


@dataclass(frozen=True, slots=True)
class Board:
    """The units directly under ``parent`` at a moment. ``total`` is the parent's own figure, by the same ``tree``.

    ``own`` is what the parent has entered itself, so that ``own`` and the rows add up to ``total``. ``since`` is the
    moment with which ranks are compared (UTC, exclusive).
    """

    programme: Programme
    phase: Phase | None
    parent: Unit
    moments: Moments
    since: datetime
    rows: tuple[BoardRow, ...]
    groups: tuple[BoardGroup, ...]
    total: Counts
    own: Counts
    tree: Tree = Tree.THEN


@dataclass(frozen=True, slots=True)
class TimelineDay:
    """The end of one Vietnamese day: how many had been submitted and found valid before its 24h00, cumulative."""

    day: date
    submitted: int
    valid: int


@dataclass(frozen=True, slots=True)
class FieldCount:
    """How many initiatives were submitted in one field."""

    field_id: int
    submitted: int


def headline(targets: tuple[TargetProgress, ...], *, in_phase: bool) -> TargetProgress | None:
    """Return the target that a unit is measured by first: the registered one if there is one, else the assigned one."""
    candidates = [t for t in targets if (t.phase is not None) == in_phase]
    return min(candidates, key=lambda t: t.basis != Basis.REGISTERED, default=None)


def programme_headline(targets: tuple[TargetProgress, ...]) -> TargetProgress | None:
    """Return the target for the whole programme that completion is judged by: the assigned one, else the registered."""
    candidates = [t for t in targets if t.phase is None]
    return min(candidates, key=lambda t: t.basis != Basis.ASSIGNED, default=None)
