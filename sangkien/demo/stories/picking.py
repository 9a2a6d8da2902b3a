"""Which of the planned submissions the stories are about.

They are chosen from the plan as it is: no moment, unit, category or benefit changes, so no figure does. The same plan
always gives the same stories; a small one has fewer of them.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sangkien.demo.plan import CATEGORIES, Plan, PlannedUnit
from sangkien.demo.plan.checks import SUBMITTED, states
from sangkien.demo.plan.model import (
    DAY_US,
    ENTERPRISE,
    EPOCH_US,
    HOUR_US,
    INVALIDATED,
    PUBLIC_SERVICE,
    VALIDATED,
    vn_us,
)
from sangkien.demo.texts.planted import PLANTED

DISTRICT: Final = "HNI-001"
"""The district union of the demo member and of the officer who decides there."""
MEMBER: Final = "doanvien"
OFFICER: Final = "canbo.badinh"
NEWCOMER: Final = "doanvien.moi"
"""Somebody whose unit is not listed: they ask for it, which is the last step of all."""
OWN: Final = (
    ("valid", VALIDATED),
    ("invalid", INVALIDATED),
    ("waiting", SUBMITTED),
    ("returned", SUBMITTED),
    ("found_invalid", SUBMITTED),
    ("appealed", SUBMITTED),
    ("unanswered", SUBMITTED),
    ("objected", SUBMITTED),
)
"""The demo member's initiatives, and how each stands at the end of the plan. What waits may be decided afterwards."""
ENTERED_BY_OFFICER: Final = ("unanswered", "objected")
"""Those that an officer entered for the member."""
ENTERED_BY_OTHERS: Final = "returned"
"""The one that the member's union entered, and that the member has confirmed."""
IN_BULK: Final = 12
LARGE: Final = 2
WRITTEN_LARGE: Final = {category: f"large_{CATEGORIES[category]}" for category in (PUBLIC_SERVICE, ENTERPRISE)}
"""The texts of what has a large benefit, by category: they suit any workplace. Others keep their own."""


class Burst(NamedTuple):
    """One person entered so many initiatives below a unit within the hour that begins at ``start_us``."""

    username: str
    full_name: str
    unit_code: str
    start_us: int
    initiatives: int


BURSTS: Final = (
    Burst("nhaplieu.badinh", "Nguyễn Mạnh Tiến", "HNI-001", vn_us(2022, 5, 31, 23), 68),
    Burst("nhaplieu.giaoduc.thanhhoa", "Lê Thị Hằng", "THA-GD", vn_us(2022, 5, 31, 9), 84),
    Burst("nhaplieu.yte.hcm", "Huỳnh Thanh Phúc", "HCM-YT", vn_us(2022, 5, 31, 14), 60),
)


class Copied(NamedTuple):
    """One text that stands in so many units with ``word`` in their name, below one union or anywhere (None)."""

    key: str
    word: str
    category: int
    top: str | None
    since_us: int
    units: int


COPIES: Final = (
    Copied("copied_1", "Trường Mầm non", PUBLIC_SERVICE, "THA", vn_us(2022, 5, 19, 8), 8),
    Copied("copied_2", "Trường Tiểu học", PUBLIC_SERVICE, "HNI", vn_us(2022, 5, 17, 8), 6),
    Copied("copied_3", "Bệnh viện đa khoa", PUBLIC_SERVICE, None, vn_us(2022, 5, 22, 8), 7),
    Copied("copied_4", "Công ty Cổ phần Cơ khí", ENTERPRISE, None, vn_us(2022, 5, 19, 8), 5),
)


@dataclass(frozen=True, slots=True)
class Stories:
    """Submissions by their index in the plan.

    ``submitters`` says who entered some of them (username), ``texts`` which have texts of their own (keys of
    ``stories.csv``). ``own`` are the demo member's, by story; ``large`` wait with a large benefit, the largest first;
    ``many`` wait to be decided at once.
    """

    submitters: dict[int, str]
    texts: dict[int, str]
    own: dict[str, int]
    large: tuple[int, ...]
    many: tuple[int, ...]


def home_of(units: Sequence[PlannedUnit], above: str) -> PlannedUnit:
    """Return the first grassroots union of a public service unit directly below ``above``; else any unit there, or it.

    Raises StopIteration when there is no unit of this code.
    """
    below = [unit for unit in units if unit.parent_code == above]
    schools = [unit for unit in below if unit.category == CATEGORIES[PUBLIC_SERVICE]]
    return next(iter([*schools, *below])) if below else next(unit for unit in units if unit.code == above)


def plan_stories(plan: Plan) -> Stories:
    """Return what the stories are about."""
    state = states(plan)
    below = {position for position, unit in enumerate(plan.units) if unit.parent_code == DISTRICT}
    here = [n for n, unit in enumerate(plan.submissions.unit) if unit in below and n + 1 not in PLANTED]
    own = _own(plan, here, state)
    waiting = [n for n in here if state[n] == SUBMITTED and n not in own.values()]
    benefit = plan.submissions.benefit
    large = tuple(sorted((n for n in waiting if benefit[n] > 0), key=lambda n: -benefit[n])[:LARGE])
    taken = {*own.values(), *large}
    many = tuple(n for n in waiting if n not in taken)[:IN_BULK]
    taken.update(many)
    submitters = {n: OFFICER if story in ENTERED_BY_OFFICER else MEMBER for story, n in own.items()}
    if ENTERED_BY_OTHERS in own:
        del submitters[own[ENTERED_BY_OTHERS]]
    texts = {n: story for story, n in own.items()}
    texts |= {n: key for n in large if (key := WRITTEN_LARGE.get(plan.submissions.category[n]))}
    for burst in BURSTS:
        submitters |= dict.fromkeys(_burst(plan, burst, taken), burst.username)
    for copied in COPIES:
        found = _copies(plan, copied, taken)
        taken.update(found)
        texts |= dict.fromkeys(found, copied.key)
    return Stories(submitters, texts, own, large, many)


def _own(plan: Plan, here: Sequence[int], state: array[int]) -> dict[str, int]:
    """Return a submission for each of the member's stories: of their own union first, then of its neighbours."""
    home = plan.unit_index()[home_of(plan.units, DISTRICT).code]
    public = [n for n in here if plan.submissions.category[n] == PUBLIC_SERVICE]
    public.sort(key=lambda n: plan.submissions.unit[n] != home)
    found: dict[str, int] = {}
    for story, wanted in OWN:
        fitting = (n for n in public if state[n] == wanted and n not in found.values())
        if (chosen := next(fitting, None)) is not None:
            found[story] = chosen
    return found


def _burst(plan: Plan, burst: Burst, taken: set[int]) -> list[int]:
    """Return the submissions of a burst."""
    at_us, unit = plan.submissions.at_us, plan.submissions.unit
    inside = range(bisect_left(at_us, burst.start_us), bisect_left(at_us, burst.start_us + HOUR_US))
    found = [n for n in inside if plan.units[unit[n]].parent_code == burst.unit_code and n not in taken]
    return found[: burst.initiatives]


def _copies(plan: Plan, copied: Copied, taken: set[int]) -> list[int]:
    """Return the submissions that have one text: one each of as many units as wanted, on different days."""
    found: dict[int, int] = {}
    not_before = copied.since_us
    for n in _of_category(plan, copied):
        unit, at_us = plan.submissions.unit[n], plan.submissions.at_us[n]
        if at_us >= not_before and unit not in found and n not in taken and n + 1 not in PLANTED:
            found[unit], not_before = n, _next_day(at_us, n)
            if len(found) == copied.units:
                break
    return list(found.values())


def _next_day(at_us: int, number: int) -> int:
    """Return some hour, by a number, of the working time of the Vietnamese day after a moment."""
    days = (at_us - EPOCH_US) // DAY_US + 1
    return EPOCH_US + days * DAY_US + (8 + number % 9) * HOUR_US


def _of_category(plan: Plan, copied: Copied) -> Iterator[int]:
    """Yield the submissions after a moment, of the category and the kind of unit that a copied text suits."""
    direct = plan.direct_of()
    top = None if copied.top is None else plan.unit_index()[copied.top]
    fitting = {p for p, unit in enumerate(plan.units) if copied.word in unit.name_vi and top in (None, direct[p])}
    submissions = plan.submissions
    for n in range(bisect_left(submissions.at_us, copied.since_us), len(submissions)):
        if submissions.unit[n] in fitting and submissions.category[n] == copied.category:
            yield n
