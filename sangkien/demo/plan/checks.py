"""Does a plan hold? Its laws at every scale, the published figures of phase 1 at full scale."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from sangkien.demo.plan.model import (
    CATEGORIES,
    CUT_OFF_US,
    DAY_US,
    DECISION_KINDS,
    EPOCH_US,
    INVALIDATED,
    OPENING_US,
    REINSTATED,
    RESUBMITTED,
    RETURNED,
    VALIDATED,
    VIETNAM,
    WITHDRAWN,
    Plan,
    vn_us,
)
from sangkien.demo.plan.reference import read_rows
from sangkien.demo.plan.targets import (
    ASSIGNED,
    REGISTERED,
    current_target,
    phase_headline,
)

EARLIER_CUT_US = vn_us(2022, 5, 31, 15)
"""15h00 31/5/2022: our assumption of the hour at which 654,921 was read."""
EARLIER_CUT = {("TLD", "654921"), ("HNI", "53379"), ("HCM", "56417")}
CONTRADICTED = {("THA", "170324")}
"""Nhân Dân's figure for Thanh Hóa, 61 above the one that the demo reproduces."""
PROGRAMME_MET = {"THA", "NAN", "HTH", "BGG", "HUG", "CMU", "LDG"}
SUBMITTED = -1
"""The state before any decision; a resubmission or reinstatement leads back to it."""
LEGAL = {
    SUBMITTED: {VALIDATED, RETURNED, INVALIDATED, WITHDRAWN},
    RESUBMITTED: {VALIDATED, RETURNED, INVALIDATED, WITHDRAWN},
    REINSTATED: {VALIDATED, RETURNED, INVALIDATED, WITHDRAWN},
    RETURNED: {RESUBMITTED, WITHDRAWN},
    INVALIDATED: {REINSTATED},
    VALIDATED: set(),
    WITHDRAWN: set(),
}
TY = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that the full plan must show: what it is, what it should be, what it is."""

    name: str
    expected: str
    actual: object
    holds: bool


class Counts:
    """Counts of a plan by direct unit at past moments, each counted once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.direct = plan.direct_of()
        self._at: dict[int, dict[str, int]] = {}

    def total(self, at_us: int) -> int:
        """Return all submissions before a moment."""
        return bisect_left(self.plan.submissions.at_us, at_us)

    def by_direct(self, at_us: int) -> dict[str, int]:
        """Return the submissions of each direct unit before a moment (83 entries, zeros too)."""
        if at_us not in self._at:
            units = self.plan.units
            tally = {unit.code: 0 for position, unit in enumerate(units) if self.direct[position] == position}
            by_unit = Counter(self.plan.submissions.unit[: self.total(at_us)])
            for position, count in by_unit.items():
                tally[units[self.direct[position]].code] += count
            self._at[at_us] = tally
        return self._at[at_us]

    def rank(self, code: str, at_us: int) -> int:
        """Return a direct unit's rank among the 83; equal counts share a rank."""
        counts = self.by_direct(at_us)
        return 1 + sum(count > counts[code] for count in counts.values())

    def rank_in_cluster(self, code: str, at_us: int) -> int:
        """Return a direct unit's rank in its cluster or block."""
        counts = self.by_direct(at_us)
        cluster_of = {unit.code: unit.cluster_code for unit in self.plan.units if unit.cluster_code}
        peers = [other for other in counts if cluster_of[other] == cluster_of[code]]
        return 1 + sum(counts[other] > counts[code] for other in peers)

    def benefit(self, code: str) -> int:
        """Return the claimed benefit, in đồng, of all submissions ("TLD") or of one direct unit's."""
        top = self.plan.unit_index()[code]
        submissions = self.plan.submissions
        return sum(
            claim
            for position, claim in zip(submissions.unit, submissions.benefit, strict=True)
            if claim > 0 and (code == "TLD" or self.direct[position] == top)
        )


def _moment(text: str) -> int:
    """Return the exclusive moment of an as-of in the reference data: a day means its 24h00."""
    day, _, hour = text.partition("T")
    start = date.fromisoformat(day)
    if hour in ("", "24:00"):
        start += timedelta(days=1)
        hour = "00:00"
    hours, minutes = (int(part) for part in hour.split(":"))
    return vn_us(start.year, start.month, start.day, hours, minutes)


def _as_datetime(at_us: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC).astimezone(VIETNAM) + timedelta(microseconds=at_us)


def _measure(counts: Counts, code: str, metric: str, at_us: int) -> int:
    """Return one metric of the reference data from the plan. Raises LookupError for an unknown metric."""
    plan, at = counts.plan, _as_datetime(at_us)

    def target(phase: int | None, basis: str) -> int:
        row = current_target(plan.targets, code, phase, basis, at)
        return row.value if row else 0

    measures: dict[str, Callable[[], int]] = {
        "submitted": lambda: counts.total(at_us) if code == "TLD" else counts.by_direct(at_us)[code],
        "submitted_on_first_day": lambda: counts.total(EPOCH_US + DAY_US),
        "benefit_vnd": lambda: counts.benefit(code),
        "target_phase1": lambda: phase_headline(plan.targets, code, at).value,
        "target_phase1_own": lambda: target(1, REGISTERED),
        "target_total": lambda: target(None, ASSIGNED),
        "target_total_assigned": lambda: target(None, ASSIGNED),
        "target_total_own": lambda: target(None, REGISTERED),
        "members": lambda: plan.units[plan.unit_index()[code]].members or 0,
        "grassroots_unions": lambda: sum(
            unit.kind == "grassroots_union" and plan.units[top].code == code
            for unit, top in zip(plan.units, counts.direct, strict=True)
        ),
    }
    category = metric.removeprefix("submitted_")
    if category in CATEGORIES:
        return plan.submissions.category[: counts.total(at_us)].count(CATEGORIES.index(category))
    return measures[metric]()


def _published(counts: Counts) -> Iterator[Figure]:
    """Yield the figures of known_results_phase1.csv up to the close of phase 1."""
    for row in read_rows("known_results_phase1.csv"):
        code, value = row["unit_code"], row["value"]
        at_us = EARLIER_CUT_US if (code, value) in EARLIER_CUT else _moment(row["as_of"])
        if at_us > CUT_OFF_US or (code, value) in CONTRADICTED:
            continue
        actual, expected = _measure(counts, code, row["metric"], at_us), int(value)
        holds = {
            "exact": actual == expected,
            "derived": actual == expected,
            "at_least": actual >= expected,
            "more_than": actual > expected,
        }[row["precision"]]
        yield Figure(f"{code} {row['metric']} {row['as_of']}", f"{row['precision']} {value}", actual, holds)


def _equal(name: str, expected: object, actual: object) -> Figure:
    return Figure(name, str(expected), actual, actual == expected)


def _between(name: str, low: int, actual: int, high: int) -> Figure:
    return Figure(name, f"{low} to {high}", actual, low <= actual <= high)


def _ranks(counts: Counts) -> Iterator[Figure]:
    end, forty_days_before = CUT_OFF_US, vn_us(2022, 4, 22)
    yield _equal("LDG rank at the cut-off", 15, counts.rank("LDG", end))
    yield _equal("LDG rank in its cluster", 1, counts.rank_in_cluster("LDG", end))
    yield _equal("LDG rank 40 days before", 81, counts.rank("LDG", forty_days_before))
    yield _equal("CDTKV rank 14h00 10/5", 21, counts.rank("CDTKV", vn_us(2022, 5, 10, 14)))
    yield _between("CDDL rank in its block", 1, counts.rank_in_cluster("CDDL", end), 3)
    for at_us, name in ((EARLIER_CUT_US, "15h00 31/5"), (end, "24h00 31/5")):
        first = [counts.rank(code, at_us) for code in ("THA", "HCM", "HNI")]
        yield _equal(f"ranks of THA, HCM, HNI {name}", [1, 2, 3], first)
    before, after = counts.total(vn_us(2022, 5, 11)), counts.total(vn_us(2022, 5, 12))
    yield _equal("300,000th on 11/5/2022", True, before < 300_000 <= after)
    shipyards = counts.by_direct(vn_us(2022, 4, 1))["CDCNTT"]
    yield _equal("CDCNTT keeps its figure of 31/3", shipyards, counts.by_direct(end)["CDCNTT"])


def _targets_met(counts: Counts) -> Iterator[Figure]:
    plan, final = counts.plan, counts.by_direct(CUT_OFF_US)
    whole = {code: row.value for code in final if (row := current_target(plan.targets, code, None, ASSIGNED))}
    done = {code for code, value in whole.items() if final[code] >= value}
    yield _equal("units that met the whole programme", sorted(PROGRAMME_MET), sorted(done))
    yield _between("sum of assigned programme targets", 990_000, sum(whole.values()), 1_010_000)
    met = [code for code in final if final[code] >= phase_headline(plan.targets, code).value]
    yield _between("units that met phase 1", 55, len(met), 60)
    yield _equal("CDDL met phase 1", False, "CDDL" in met)
    raised = 0
    for code in final:
        rows = [t for t in plan.targets if (t.unit_code, t.phase, t.basis) == (code, 1, REGISTERED)]
        in_time = all(
            datetime(2022, 2, 1, tzinfo=VIETNAM) <= row.effective_at < datetime(2022, 5, 21, tzinfo=VIETNAM)
            for row in rows[1:]
        )
        if len(rows) == 2 and rows[0].value < rows[1].value < final[code] and in_time:
            raised += 1
    yield _equal("units that raised their target and exceeded it", 30, raised)


def _amounts(counts: Counts) -> Iterator[Figure]:
    yield _between("claimed benefit", 10_000 * TY, counts.benefit("TLD"), 10_050 * TY)
    yield _between("claimed benefit of THA", 162 * TY, counts.benefit("THA"), 163 * TY)
    total, kinds = counts.total(CUT_OFF_US), states(counts.plan)
    shares = {VALIDATED: (560, 600), INVALIDATED: (70, 90), RETURNED: (15, 25), WITHDRAWN: (3, 8)}
    for kind, (low, high) in shares.items():
        share = 1000 * kinds.count(kind) // total
        yield _between(f"{DECISION_KINDS[kind]} in 1,000", low, share, high)


def known_figures(plan: Plan) -> list[Figure]:
    """Return every figure that the full plan must show, published or assumed, beside what it shows."""
    counts = Counts(plan)
    return [*_published(counts), *_ranks(counts), *_targets_met(counts), *_amounts(counts)]


def states(plan: Plan) -> array[int]:
    """Return each submission's last decision kind at the cut-off, `SUBMITTED` (-1) if there is none."""
    state = array("b", [SUBMITTED]) * len(plan.submissions)
    for submission, kind in zip(plan.decisions.submission, plan.decisions.kind, strict=True):
        state[submission] = kind
    return state


def _rises(values: array[int]) -> bool:
    return all(before < after for before, after in pairwise(values))


def broken_laws(plan: Plan) -> list[str]:
    """Return the laws of every plan that this one breaks: tree, order, legal decisions; empty if none."""
    broken = []
    seen: set[str] = set()
    for unit in plan.units:
        if unit.code in seen:
            broken.append(f"unit {unit.code} twice")
        if unit.parent_code is not None and unit.parent_code not in seen:
            broken.append(f"unit {unit.code} before its parent")
        seen.add(unit.code)
    broken += [f"target of unknown unit {row.unit_code}" for row in plan.targets if row.unit_code not in seen]
    submissions, decisions = plan.submissions, plan.decisions
    if not (_rises(submissions.at_us) and _rises(decisions.at_us)):
        broken.append("moments do not rise strictly")
    if submissions.at_us[0] < OPENING_US or submissions.at_us[-1] >= CUT_OFF_US:
        broken.append("submissions outside the phase")
    if len(decisions) and decisions.at_us[-1] >= CUT_OFF_US:
        broken.append("decisions after the cut-off")
    return broken + _illegal_decisions(plan) + _closed_units(plan)


def _illegal_decisions(plan: Plan) -> list[str]:
    broken = []
    decisions, submitted_at = plan.decisions, plan.submissions.at_us
    state = array("b", [SUBMITTED]) * len(plan.submissions)
    for at_us, submission, kind in zip(decisions.at_us, decisions.submission, decisions.kind, strict=True):
        if at_us <= submitted_at[submission]:
            broken.append(f"submission {submission} decided before it was made")
        if kind not in LEGAL[state[submission]]:
            broken.append(f"submission {submission}: {DECISION_KINDS[kind]} is not legal")
        state[submission] = kind
    return broken


def _closed_units(plan: Plan) -> list[str]:
    """Return the submissions to units that were not open on that day."""
    passing = {
        position: unit
        for position, unit in enumerate(plan.units)
        if unit.closed_on is not None or unit.opened_on >= date(2022, 1, 8)
    }
    broken = []
    for at_us, position in zip(plan.submissions.at_us, plan.submissions.unit, strict=True):
        if position in passing:
            unit, day = passing[position], _as_datetime(at_us).date()
            if day < unit.opened_on or (unit.closed_on is not None and day >= unit.closed_on):
                broken.append(f"unit {unit.code} was not open on {day}")
    return broken


def check_plan(plan: Plan) -> list[str]:
    """Return every broken law and, at full scale, every figure that is missed; empty if the plan holds."""
    wrong = broken_laws(plan)
    if plan.scale == 1.0:
        wrong += [
            f"{figure.name}: expected {figure.expected}, is {figure.actual}"
            for figure in known_figures(plan)
            if not figure.holds
        ]
    return wrong
