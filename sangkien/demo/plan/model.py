"""The shapes of the plan: units, targets, submissions and decisions of phase 1, before any database.

Moments are microseconds since the Unix epoch, UTC; days and hours are Vietnam time. Ends are exclusive.
"""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))
SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
DAY_US = 24 * HOUR_US

CATEGORIES = ("public_service_unit", "enterprise_worker", "union_officer", "party_state_body")
PUBLIC_SERVICE, ENTERPRISE, UNION_OFFICER, PARTY_STATE = range(4)

DECISION_KINDS = ("validated", "returned", "resubmitted", "invalidated", "withdrawn", "reinstated")
VALIDATED, RETURNED, RESUBMITTED, INVALIDATED, WITHDRAWN, REINSTATED = range(6)

REASONS = (
    "not_recognised",
    "outside_window",
    "duplicate",
    "not_applied",
    "ip_protected",
    "missing_document",
    "incomplete",
)
NO_REASON = -1
BENEFIT_UNKNOWN = -1
BENEFIT_NOT_IN_MONEY = 0


def vn_us(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    """Return a Vietnam wall-clock moment in UTC microseconds since the epoch."""
    moment = datetime(year, month, day, hour, minute, tzinfo=VIETNAM)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


FIRST_DAY = date(2022, 1, 8)
LAST_DAY = date(2022, 5, 31)
DAYS = (LAST_DAY - FIRST_DAY).days + 1
EPOCH_US = vn_us(2022, 1, 8)
"""0h00 of the first day: the origin of every slot number in the plan."""
OPENING_US = vn_us(2022, 1, 8, 8)
CUT_OFF_US = vn_us(2022, 6, 1)
"""24h00 of 31/5/2022, exclusive."""


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """One union. `closed_on` is exclusive: the first day on which it is no longer open.

    `members` is given only where a source gives it, or for invented grassroots unions. `category` is the
    category of author that dominates in a grassroots union, None above that level.
    """

    code: str
    parent_code: str | None
    kind: str
    name_vi: str
    name_en: str
    short_vi: str | None
    other_names: tuple[str, ...]
    cluster_code: str | None
    members: int | None
    opened_on: date
    closed_on: date | None
    successor_code: str | None
    category: str | None
    invented: bool


@dataclass(frozen=True, slots=True)
class PlannedTarget:
    """A number of initiatives that a unit is to reach; `phase` None means the whole programme.

    `basis` is "assigned" (by the level above) or "registered" (by the unit itself). A later row of the same
    unit, phase and basis replaces the earlier one from `effective_at` on. `document` is "" where no source
    names one.
    """

    unit_code: str
    phase: int | None
    basis: str
    value: int
    effective_at: datetime
    reason_vi: str
    document: str


@dataclass(frozen=True, slots=True)
class Submissions:
    """Every first submission, in strictly increasing order of moment; the arrays are parallel.

    `unit` is an index into `Plan.units`, `category` into `CATEGORIES`; `benefit` is the claimed first-year
    benefit in đồng, `BENEFIT_UNKNOWN` or `BENEFIT_NOT_IN_MONEY`.
    """

    at_us: array[int]
    unit: array[int]
    category: array[int]
    benefit: array[int]

    def __len__(self) -> int:
        """Return the number of submissions."""
        return len(self.at_us)


@dataclass(frozen=True, slots=True)
class Decisions:
    """Every later event before the cut-off, in strictly increasing order of moment; parallel arrays.

    `submission` is an index into the submissions, `kind` into `DECISION_KINDS`, `reason` into `REASONS` or
    `NO_REASON`; `benefit_verified` is in đồng for "validated" (0 and -1 as in the claim), else -1.
    """

    at_us: array[int]
    submission: array[int]
    kind: array[int]
    reason: array[int]
    benefit_verified: array[int]

    def __len__(self) -> int:
        """Return the number of decisions."""
        return len(self.at_us)


def direct_of(units: list[PlannedUnit]) -> array[int]:
    """Return for each unit the index of the direct unit above it (itself; -1 for the confederation).

    Raises KeyError if a unit comes before its parent.
    """
    seen: dict[str, int] = {}
    direct = array("i")
    for position, unit in enumerate(units):
        if unit.parent_code is None:
            direct.append(-1)
        else:
            above = direct[seen[unit.parent_code]]
            direct.append(position if above < 0 else above)
        seen[unit.code] = position
    return direct


@dataclass(frozen=True, slots=True)
class Plan:
    """Phase 1 of the programme, to the last event. `scale` is 1.0 for the published figures."""

    scale: float
    units: list[PlannedUnit]
    targets: list[PlannedTarget]
    submissions: Submissions
    decisions: Decisions

    def unit_index(self) -> dict[str, int]:
        """Return each unit code's index in `units`."""
        return {unit.code: index for index, unit in enumerate(self.units)}

    def direct_of(self) -> array[int]:
        """Return for each unit the index of the direct unit above it; see `direct_of`."""
        return direct_of(self.units)

    def digest(self) -> str:
        """Return a SHA-256 of all the plan's contents, the same on every platform."""
        total = hashlib.sha256(repr((self.scale, self.units, self.targets)).encode())
        for values in (
            self.submissions.at_us,
            self.submissions.unit,
            self.submissions.category,
            self.submissions.benefit,
            self.decisions.at_us,
            self.decisions.submission,
            self.decisions.kind,
            self.decisions.reason,
            self.decisions.benefit_verified,
        ):
            total.update(b"".join(value.to_bytes(8, "little", signed=True) for value in values))
        return total.hexdigest()
